using Ztunnel.Dns;
using Ztunnel.Identity;
using Ztunnel.Linux;
using Ztunnel.Proxy;

namespace Ztunnel.Hosting;

/// <summary>
/// Starts a pod's DNS server and then its proxy. Only Hosting knows both: the rooms are neighbours. DNS comes first, so
/// that nothing is carried for a pod whose names are not answered.
/// </summary>
internal sealed class ServedPodFactory(DnsServerFactory dns, IPodProxyFactory proxies) : IPodProxyFactory
{
    public Task<IPodProxy> StartAsync(
        WorkloadInfo workload, NetworkNamespace network, CancellationToken cancellation) =>
        StartAsync(workload, network, () => proxies.StartAsync(workload, network, cancellation), cancellation);

    /// <param name="network">Null: our own.</param>
    /// <param name="proxy">Called once the DNS server's sockets are bound; if it fails they are closed again.</param>
    public async Task<IPodProxy> StartAsync(
        WorkloadInfo workload,
        NetworkNamespace? network,
        Func<Task<IPodProxy>> proxy,
        CancellationToken cancellation)
    {
        PodDns server = await dns.StartAsync(workload, network, cancellation);
        try
        {
            return new ServedPod(server, await proxy());
        }
        catch
        {
            await server.StopAsync(graceful: false);
            throw;
        }
    }
}
