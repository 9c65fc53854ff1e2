using Ztunnel.Identity;
using Ztunnel.Linux;

namespace Ztunnel.Proxy;

/// <summary>
/// Names that a SOCKS client gives instead of an address, resolved as the pod's own DNS would. The DNS proxy is this
/// room's neighbour: Hosting joins the two.
/// </summary>
internal interface INameResolver
{
    /// <returns>Null: the name has no such address, or nobody knows.</returns>
    /// <exception cref="OperationCanceledException">The caller's.</exception>
    Task<InetAddress?> ResolveAsync(WorkloadInfo pod, string name, bool v6, CancellationToken cancellation);
}
