using Ztunnel.Hbone;
using Ztunnel.Telemetry;

namespace Ztunnel.Proxy.Tunnels;

/// <summary>The counters of HBONE connections, resolved once: a connection's end looks nothing up.</summary>
internal sealed class TunnelFigures
{
    private readonly WorkerCounter?[] _clientEnds = new WorkerCounter?[TunnelEnds.Count];
    private readonly WorkerCounter?[] _serverEnds = new WorkerCounter?[TunnelEnds.Count];
    private readonly TunnelMetrics _metrics;

    public TunnelFigures(TunnelMetrics metrics) => _metrics = metrics;

    public WorkerCounter PoolHits => _metrics.PoolHits;

    public WorkerCounter PoolMisses => _metrics.PoolMisses;

    public WorkerCounter PoolReleases => _metrics.PoolReleases;

    public TunnelSide Side(Http2Role role) => role == Http2Role.Client ? _metrics.Client : _metrics.Server;

    public WorkerCounter Closed(Http2Role role, TunnelEnd end)
    {
        WorkerCounter?[] ends = role == Http2Role.Client ? _clientEnds : _serverEnds;
        return ends[(int)end] ??= _metrics.Closed(Text(role), end.Label());
    }

    public WorkerCounter Handshakes(Http2Role role, string result) => _metrics.Handshakes(Text(role), result);

    public WorkerCounter Abuse(AbuseKind kind) => _metrics.Abuse(Label(kind));

    public WorkerCounter Shed(string reason) => _metrics.Shed(reason);

    private static string Text(Http2Role role) => role == Http2Role.Client ? "client" : "server";

    // RapidReset => rapid_reset
    private static string Label(AbuseKind kind) => string.Concat(kind.ToString().Select(
        static (letter, at) => char.IsUpper(letter) && at > 0 ? $"_{char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}"));
}
