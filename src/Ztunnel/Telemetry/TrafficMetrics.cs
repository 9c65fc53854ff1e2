using System.Collections.Concurrent;

namespace Ztunnel.Telemetry;

/// <summary>L4 traffic. Names and labels are Istio's public contract: dashboards query them, so they never change.</summary>
internal sealed class TrafficMetrics
{
    private readonly ConcurrentDictionary<TrafficLabels, TrafficSeries> _series = new();
    private readonly WorkerCounter[] _socketsOpen;
    private readonly TrafficFamilies _families;
    private readonly TimeSpan _grace;
    private readonly TimeProvider _time;
    private readonly int _workers;

    public TrafficMetrics(MetricSet set, TimeSpan evictionGrace, TimeProvider time)
    {
        (_workers, _grace, _time) = (set.Workers, evictionGrace, time);
        _families = new TrafficFamilies(set.Factory);
        WorkerCounterFamily sockets = new(
            set, "istio_tcp_sockets_open", "The number of TCP sockets open (unstable).", ["reporter"], isGauge: true);
        _socketsOpen = [sockets.With("source"), sockets.With("destination")];
        set.BeforeCollect(Collect);
    }

    /// <summary>How many label sets there are.</summary>
    public int SeriesCount => _series.Count;

    /// <summary>The counters for these labels: resolved once per connection, kept until it closes.</summary>
    public TrafficSeries Series(TrafficLabels labels)
    {
        if (!_series.TryGetValue(labels, out TrafficSeries? series))
        {
            series = _series.GetOrAdd(labels, new TrafficSeries(labels, _workers, _time));
        }

        series.Touch();
        return series;
    }

    /// <summary>A connection was accepted; nothing is known of it yet. Paired with <see cref="SocketClosed"/>.</summary>
    public void SocketOpened(int worker, Reporter reporter) => _socketsOpen[(int)reporter].Increment(worker);

    public void SocketClosed(int worker, Reporter reporter) => _socketsOpen[(int)reporter].Decrement(worker);

    /// <summary>
    /// The last pod of this workload is gone: its series go too, once nothing was opened on them for the grace
    /// period and their last connection has closed. Counting again later starts from zero, which queries take for a restart.
    /// </summary>
    public void EvictWorkload(string @namespace, string workload)
    {
        foreach (TrafficSeries series in _series.Values)
        {
            if (series.Mentions(@namespace, workload))
            {
                series.MarkGone();
            }
        }
    }

    private void Collect()
    {
        foreach ((TrafficLabels labels, TrafficSeries series) in _series)
        {
            TrafficTotals totals = series.Totals();
            if (totals.Live == 0 && series.IsGoneFor(_grace))
            {
                _series.TryRemove(labels, out _);
                TrafficFamilies.Remove(series);
            }
            else
            {
                _families.Publish(series, totals);
            }
        }
    }
}
