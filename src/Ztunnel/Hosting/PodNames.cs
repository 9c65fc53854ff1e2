using Ztunnel.Dns;
using Ztunnel.Identity;
using Ztunnel.Linux;
using Ztunnel.Proxy;

namespace Ztunnel.Hosting;

/// <summary>Lets proxies ask the DNS servers of their own pods.</summary>
internal sealed class PodNames(DnsServerFactory dns) : INameResolver
{
    public Task<InetAddress?> ResolveAsync(
        WorkloadInfo pod, string name, bool v6, CancellationToken cancellation) =>
        dns.ResolveAsync(pod, name, v6, cancellation);
}
