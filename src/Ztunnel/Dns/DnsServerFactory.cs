using System.Collections.Concurrent;
using System.ComponentModel;
using Ztunnel.Identity;
using Ztunnel.Linux;

namespace Ztunnel.Dns;

/// <summary>Starts DNS servers: of pods in their namespaces, of the one workload of dedicated mode in our own.</summary>
/// <param name="namespaces">Sockets are opened on it: it visits pods' namespaces so that nobody else has to.</param>
internal sealed class DnsServerFactory(DnsServices services, NamespaceThread namespaces)
{
    private readonly ConcurrentDictionary<WorkloadInfo, PodDns> _servers = new();

    /// <summary>As the pod itself would be answered; the first address of the answer.</summary>
    /// <returns>Null: there is none.</returns>
    public async Task<InetAddress?> ResolveAsync(
        WorkloadInfo pod, string name, bool v6, CancellationToken cancellation) =>
        _servers.TryGetValue(pod, out PodDns? server)
            ? await server.ResolveAsync(name, v6).WaitAsync(cancellation)
            : null;

    /// <summary>Completes when every socket is bound; faults if one cannot be, with nothing left bound.</summary>
    /// <param name="network">Null: dedicated mode. Held open by the caller until the stop has completed.</param>
    /// <exception cref="Win32Exception">Names address and reason.</exception>
    public async Task<PodDns> StartAsync(
        WorkloadInfo workload, NetworkNamespace? network, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        DnsSockets sockets = await namespaces.RunAsync(
            network ?? NetworkNamespace.Home,
            () => DnsSockets.Open(services.Config, isInPod: network is not null, services.Logger));
        DnsPod pod = new(services, workload, network, sockets.Addresses);
        services.Logger.Starting(string.Join(',', pod.Addresses), "dns", workload.ToString());
        PodDns server = new(pod, sockets, stopping => _servers.TryRemove(new(workload, stopping)));
        await server.StartAsync();
        _servers[workload] = server;
        return server;
    }
}
