using Prometheus;
using Ztunnel.Telemetry;

namespace Ztunnel.Xds;

/// <summary>The discovery client: Istio's families, and beside them what they leave open.</summary>
internal sealed class XdsClientMetrics
{
    private readonly XdsMetrics _shared;
    private readonly TimeProvider _time;
    private readonly Gauge _connected;
    private readonly Gauge _resources;
    private readonly Counter _rejected;
    private readonly Gauge _appliedAt;
    private readonly Gauge _took;

    public XdsClientMetrics(ZtunnelMetrics metrics, TimeProvider time)
    {
        (_shared, _time) = (metrics.Xds, time);
        _connected = metrics.Set.Factory.CreateGauge(
            "ztunnel_xds_connected", "1 while a stream to the control plane has been answered.");
        _resources = metrics.Set.Factory.CreateGauge(
            "ztunnel_xds_resources", "Resources known from the control plane.", ["url"]);
        _rejected = metrics.Set.Factory.CreateCounter(
            "ztunnel_xds_rejected_resources_total", "Resources that could not be used (NACK).", ["url"]);
        _appliedAt = metrics.Set.Factory.CreateGauge(
            "ztunnel_xds_last_push_timestamp_seconds", "When the last push came into force.", ["url"]);
        _took = metrics.Set.Factory.CreateGauge(
            "ztunnel_xds_last_push_duration_seconds", "From the last push read to it in force.", ["url"]);
    }

    public void Connected() => _connected.Set(1);

    /// <summary>This node's own end, which is no termination.</summary>
    public void Disconnected() => _connected.Set(0);

    public void Terminated(XdsTermination reason)
    {
        _connected.Set(0);
        _shared.ConnectionTerminated(reason);
    }

    public void Received(Push push) => _shared.MessageReceived(push.TypeUrl, push.Bytes);

    /// <param name="known">Resources of the type, after it.</param>
    public void Applied(Push push, int known, TimeSpan took)
    {
        _resources.WithLabels(push.TypeUrl).Set(known);
        _rejected.WithLabels(push.TypeUrl).Inc(push.RejectedCount);
        _appliedAt.WithLabels(push.TypeUrl).Set(_time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0);
        _took.WithLabels(push.TypeUrl).Set(took.TotalSeconds);
    }
}
