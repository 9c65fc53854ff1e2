using Prometheus;

namespace Ztunnel.Telemetry;

/// <summary>The five families of traffic counters as prometheus-net keeps them, filled at a scrape.</summary>
internal sealed class TrafficFamilies(IMetricFactory factory)
{
    private readonly Counter _opened = factory.CreateCounter(
        "istio_tcp_connections_opened_total", "The total number of TCP connections opened.", TrafficLabels.Names);

    private readonly Counter _closed = factory.CreateCounter(
        "istio_tcp_connections_closed_total", "The total number of TCP connections closed.", TrafficLabels.Names);

    private readonly Counter _received = factory.CreateCounter(
        "istio_tcp_received_bytes_total",
        "The size of total bytes received during request in case of a TCP connection.", TrafficLabels.Names);

    private readonly Counter _sent = factory.CreateCounter(
        "istio_tcp_sent_bytes_total",
        "The size of total bytes sent during response in case of a TCP connection.", TrafficLabels.Names);

    private readonly Counter _failed = factory.CreateCounter(
        "istio_tcp_connections_failed_total",
        "The total number of TCP connections that failed (unstable).", TrafficLabels.Names);

    public void Publish(TrafficSeries series, in TrafficTotals totals)
    {
        if (totals.Opened == 0)
        {
            return; // looked up, never used
        }

        // Open and byte samples never carry a flag: how it ends is not known while they count.
        PublishedTraffic published = series.Published ??= Open(series.Labels.ToValues(ResponseFlag.None));
        published.Opened.IncTo(totals.Opened);
        published.Received.IncTo(totals.Received);
        published.Sent.IncTo(totals.Sent);
        for (ResponseFlag flag = 0; (int)flag < ResponseFlags.Count; flag++)
        {
            if (totals.Closed(flag) is long closed and > 0)
            {
                PublishClosed(published, series, flag, closed);
            }
        }
    }

    public static void Remove(TrafficSeries series)
    {
        PublishedTraffic? published = series.Published;
        series.Published = null;
        published?.Opened.Remove();
        published?.Received.Remove();
        published?.Sent.Remove();
        for (int flag = 0; published is not null && flag < ResponseFlags.Count; flag++)
        {
            published.Closed[flag]?.Remove();
            published.Failed[flag]?.Remove();
        }
    }

    private PublishedTraffic Open(string[] values) =>
        new(_opened.WithLabels(values), _received.WithLabels(values), _sent.WithLabels(values));

    private void PublishClosed(PublishedTraffic published, TrafficSeries series, ResponseFlag flag, long count)
    {
        ref Counter.Child? closed = ref published.Closed[(int)flag];
        closed ??= _closed.WithLabels(series.Labels.ToValues(flag));
        closed.IncTo(count);
        if (flag != ResponseFlag.None)
        {
            ref Counter.Child? failed = ref published.Failed[(int)flag];
            failed ??= _failed.WithLabels(series.Labels.ToValues(flag));
            failed.IncTo(count);
        }
    }
}
