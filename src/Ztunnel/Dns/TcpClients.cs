using Ztunnel.Telemetry;

namespace Ztunnel.Dns;

/// <summary>A pod's connections to its DNS server, on whichever of its addresses.</summary>
internal sealed class TcpClients(DnsPod pod)
{
    private readonly HashSet<TcpClient> _clients = [];

    public int Count => _clients.Count;

    public bool IsDraining { get; private set; }

    private DnsLimitMetrics Metrics => pod.Services.Metrics.Limits;

    public void Add(TcpClient client)
    {
        _clients.Add(client);
        Metrics.Connected();
    }

    public void Remove(TcpClient client)
    {
        if (_clients.Remove(client))
        {
            Metrics.Disconnected();
            pod.OnMaybeIdle();
        }
    }

    /// <summary>Each closes when its queries are answered.</summary>
    public void Drain()
    {
        IsDraining = true;
        foreach (TcpClient client in _clients.ToArray())
        {
            client.OnDrain();
        }
    }

    public void Abort()
    {
        foreach (TcpClient client in _clients.ToArray())
        {
            client.Abort();
        }
    }
}
