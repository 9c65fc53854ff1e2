using Prometheus;

namespace Ztunnel.Telemetry;

/// <summary>The discovery client. One connection, so plain prometheus-net counters serve.</summary>
internal sealed class XdsMetrics
{
    private readonly Counter _terminations;
    private readonly Counter _messages;
    private readonly Counter _bytes;

    public XdsMetrics(MetricSet set)
    {
        _terminations = set.Factory.CreateCounter(
            "istio_xds_connection_terminations_total",
            "The total number of completed connections to xds server (unstable).", ["reason"]);
        _messages = set.Factory.CreateCounter(
            "istio_xds_message_total", "Total number of messages received (unstable).", ["url"]);
        _bytes = set.Factory.CreateCounter(
            "istio_xds_message_bytes_total", "Total number of bytes received (unstable).", ["url"]);
        set.Units["istio_xds_message_bytes"] = "bytes";
    }

    public void ConnectionTerminated(XdsTermination reason) => _terminations.WithLabels(reason.ToString()).Inc();

    /// <param name="bytes">Lengths of all resources' values together.</param>
    public void MessageReceived(string typeUrl, long bytes)
    {
        _messages.WithLabels(typeUrl).Inc();
        _bytes.WithLabels(typeUrl).Inc(bytes);
    }
}
