using Ztunnel.Identity;
using Ztunnel.Linux;

namespace Ztunnel.Proxy.Pods;

/// <summary>What a pod's connections on all workers know of their pod.</summary>
/// <param name="Network">Null: our own namespace.</param>
/// <param name="KeepsSource">Listeners are transparent: applications see their clients' own addresses.</param>
internal sealed record PodContext(
    ProxyServices Services, WorkloadInfo Info, PodKind Kind, NetworkNamespace? Network, bool KeepsSource)
{
    /// <summary>SO_MARK of the pod's sockets; null for ordinary ones.</summary>
    public uint? Mark => Kind == PodKind.Self ? null : Services.Config.Sockets.PacketMark;

    /// <summary>Ended when the pod is gone or a drain's deadline has passed: whatever still waits gives up.</summary>
    public CancellationTokenSource Aborted { get; } = new();
}
