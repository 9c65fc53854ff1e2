namespace Ztunnel.Telemetry;

/// <summary>Connections and streams of one role.</summary>
internal sealed class TunnelSide
{
    public TunnelSide(MetricSet set, string role)
    {
        Open = new WorkerCounterFamily(
            set, "ztunnel_tunnels_open", "HBONE connections open now.", ["role"], isGauge: true).With(role);
        Opened = new WorkerCounterFamily(
            set, "ztunnel_tunnels_opened_total", "HBONE connections that came up.", ["role"]).With(role);
        StreamsOpen = new WorkerCounterFamily(
            set, "ztunnel_streams_open", "HBONE streams open now.", ["role"], isGauge: true).With(role);
        StreamsOpened = new WorkerCounterFamily(
            set, "ztunnel_streams_opened_total", "HBONE streams opened.", ["role"]).With(role);
    }

    public WorkerCounter Open { get; }

    public WorkerCounter Opened { get; }

    public WorkerCounter StreamsOpen { get; }

    public WorkerCounter StreamsOpened { get; }
}
