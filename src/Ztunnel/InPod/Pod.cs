using Ztunnel.Identity;
using Ztunnel.Linux;
using Ztunnel.Proxy;

namespace Ztunnel.InPod;

/// <summary>A pod of this node as the agent announced it: pending until its proxy runs.</summary>
/// <param name="Network">Null when what was sent is no namespace to serve: only another add can help.</param>
/// <param name="Proxy">Null while pending.</param>
internal sealed record Pod(string Uid, WorkloadInfo Info, NetworkNamespace? Network, IPodProxy? Proxy)
{
    public bool IsUp => Proxy is not null;
}
