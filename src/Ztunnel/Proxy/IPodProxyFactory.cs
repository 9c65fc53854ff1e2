using Ztunnel.Identity;
using Ztunnel.Linux;

namespace Ztunnel.Proxy;

/// <summary>Starts the proxy of a pod inside the pod's network namespace.</summary>
internal interface IPodProxyFactory
{
    /// <summary>
    /// Completes when every listener is bound; faults if one cannot be, with nothing left bound. The caller keeps the
    /// namespace open until the proxy's stop has completed, and closes it.
    /// </summary>
    Task<IPodProxy> StartAsync(WorkloadInfo workload, NetworkNamespace network, CancellationToken cancellation);
}
