using Ztunnel.Identity;
using Ztunnel.Linux;
using Ztunnel.Proxy;

namespace Ztunnel.Hosting;

/// <summary>
/// <c>ENABLE_PROXY=false</c>: pods are taken from the agent and acknowledged, and nothing listens in them.
/// </summary>
internal sealed class IdleProxyFactory : IPodProxyFactory
{
    public Task<IPodProxy> StartAsync(
        WorkloadInfo workload, NetworkNamespace network, CancellationToken cancellation) =>
        Task.FromResult<IPodProxy>(new IdleProxy());
}
