namespace Ztunnel.Telemetry;

/// <summary>HBONE connections. Label values are the caller's: short, lower case, from an enum of its room.</summary>
internal sealed class TunnelMetrics
{
    private readonly WorkerCounterFamily _closed;
    private readonly WorkerCounterFamily _handshakes;
    private readonly WorkerCounterFamily _abuse;
    private readonly WorkerCounterFamily _shed;

    public TunnelMetrics(MetricSet set)
    {
        Client = new TunnelSide(set, "client");
        Server = new TunnelSide(set, "server");
        _closed = new(
            set, "ztunnel_tunnels_closed_total", "HBONE connections that ended, by reason.", ["role", "reason"]);
        _handshakes = new(
            set, "ztunnel_tls_handshakes_total", "TLS handshakes that ended, by result.", ["role", "result"]);
        _abuse = new(set, "ztunnel_hbone_abuse_total",
            "Limits of the abuse budget that ended an HBONE connection, by kind.", ["kind"]);
        _shed = new(set, "ztunnel_accepts_shed_total",
            "Connections closed at accept because something ran out, by reason.", ["reason"]);
        PoolHits = set.Counter("ztunnel_pool_hits_total", "Streams that found an open HBONE connection.");
        PoolMisses = set.Counter("ztunnel_pool_misses_total", "Streams that had to open an HBONE connection.");
        PoolReleases = set.Counter("ztunnel_pool_releases_total", "Idle HBONE connections given up by the pool.");
    }

    /// <summary>Connections this node opened.</summary>
    public TunnelSide Client { get; }

    /// <summary>Connections this node accepted.</summary>
    public TunnelSide Server { get; }

    public WorkerCounter PoolHits { get; }

    public WorkerCounter PoolMisses { get; }

    public WorkerCounter PoolReleases { get; }

    /// <summary>Resolve once and keep.</summary>
    public WorkerCounter Closed(string role, string reason) => _closed.With(role, reason);

    /// <inheritdoc cref="Closed"/>
    public WorkerCounter Handshakes(string role, string result) => _handshakes.With(role, result);

    /// <inheritdoc cref="Closed"/>
    public WorkerCounter Abuse(string kind) => _abuse.With(kind);

    /// <inheritdoc cref="Closed"/>
    public WorkerCounter Shed(string reason) => _shed.With(reason);
}
