namespace Ztunnel.Telemetry;

/// <summary>
/// The five families of traffic counters as text. Not kept in prometheus-net: it would hold 7 KiB for every series
/// (five samples of 27 labels, each with its rendered text), and its hash of label values cancels equal ones out, so
/// that pods whose workload and service have one name, which is nearly all, fall into one bucket: 5,000 series then
/// took 9 s to publish. A series here costs nothing between scrapes.
/// </summary>
internal sealed class TrafficFamilies(
    IReadOnlyList<(TrafficSeries Series, TrafficTotals Totals)> traffic, MetricText text)
{
    private delegate bool Selector(in TrafficTotals totals, ResponseFlag flag, out long value);

    public async ValueTask WriteAsync(CancellationToken aborted)
    {
        // Open and byte samples never carry a flag: how a connection ends is not known while it counts.
        await WriteAsync("istio_tcp_connections_opened", "The total number of TCP connections opened.",
            static (in TrafficTotals t, ResponseFlag flag, out long value) =>
                Unflagged(value = t.Opened, flag), aborted);
        await WriteAsync("istio_tcp_connections_closed", "The total number of TCP connections closed.",
            static (in TrafficTotals t, ResponseFlag flag, out long value) => (value = t.Closed(flag)) > 0, aborted);
        await WriteAsync("istio_tcp_received_bytes",
            "The size of total bytes received during request in case of a TCP connection.",
            static (in TrafficTotals t, ResponseFlag flag, out long value) =>
                Unflagged(value = t.Received, flag), aborted);
        await WriteAsync("istio_tcp_sent_bytes",
            "The size of total bytes sent during response in case of a TCP connection.",
            static (in TrafficTotals t, ResponseFlag flag, out long value) =>
                Unflagged(value = t.Sent, flag), aborted);
        await WriteAsync("istio_tcp_connections_failed", "The total number of TCP connections that failed (unstable).",
            static (in TrafficTotals t, ResponseFlag flag, out long value) =>
                (value = t.Closed(flag)) > 0 && flag != ResponseFlag.None, aborted);
    }

    private static bool Unflagged(long value, ResponseFlag flag) => flag == ResponseFlag.None && value >= 0;

    private async ValueTask WriteAsync(string family, string help, Selector select, CancellationToken aborted)
    {
        text.BeginCounter(family, help);
        foreach ((TrafficSeries series, TrafficTotals totals) in traffic)
        {
            WriteSamples(series.Labels, in totals, select);
            if (text.IsPieceFull)
            {
                await text.FlushAsync(aborted);
            }
        }
    }

    private void WriteSamples(in TrafficLabels labels, in TrafficTotals totals, Selector select)
    {
        for (ResponseFlag flag = 0; (int)flag < ResponseFlags.Count; flag++)
        {
            if (select(in totals, flag, out long value))
            {
                text.BeginSample();
                labels.WriteTo(text, flag);
                text.EndSample(value);
            }
        }
    }
}
