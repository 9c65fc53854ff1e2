using Ztunnel.Identity;
using Ztunnel.Linux;

namespace Ztunnel.Proxy;

/// <summary>Starts the proxy of a pod inside the pod's network namespace.</summary>
internal interface IPodProxyFactory
{
    /// <summary>
    /// Completes when every listener is bound; faults if one cannot be, with nothing left bound. The namespace is the
    /// proxy's from a successful start until its stop completes; after a failed start it remains the caller's.
    /// </summary>
    Task<IPodProxy> StartAsync(WorkloadInfo workload, NetworkNamespace network, CancellationToken cancellation);
}
