using Ztunnel.Dns;
using Ztunnel.Proxy;
using Ztunnel.Proxy.Pods;

namespace Ztunnel.Hosting;

/// <summary>A pod's DNS server and its proxy as one: they come, drain and go together.</summary>
internal sealed class ServedPod(PodDns dns, IPodProxy proxy) : IPodProxy
{
    public Task StopAsync(bool graceful) => Task.WhenAll(dns.StopAsync(graceful), proxy.StopAsync(graceful));

    public IReadOnlyList<ConnectionSummary> ListConnections() => proxy.ListConnections();
}
