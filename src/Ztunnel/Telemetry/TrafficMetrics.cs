using System.Collections.Concurrent;

namespace Ztunnel.Telemetry;

/// <summary>
/// L4 traffic. Names and labels are Istio's public contract: dashboards query them, so they never change.
/// </summary>
internal sealed class TrafficMetrics
{
    /// <summary>
    /// Series of peers known by their own word alone. Above it they share one per identity: nobody may fill our memory
    /// by calling himself something else each time.
    /// </summary>
    public const int MaxHearsay = 2_048;

    private readonly ConcurrentDictionary<TrafficLabels, TrafficSeries> _series = new();
    private readonly WorkerCounter[] _socketsOpen;
    private readonly TimeSpan _grace;
    private readonly TimeProvider _time;
    private readonly int _workers;
    private int _hearsay; // about: workers may add at the same time

    public TrafficMetrics(MetricSet set, TimeSpan evictionGrace, TimeProvider time)
    {
        (_workers, _grace, _time) = (set.Workers, evictionGrace, time);
        WorkerCounterFamily sockets = new(
            set, "istio_tcp_sockets_open", "The number of TCP sockets open (unstable).", ["reporter"], isGauge: true);
        _socketsOpen = [sockets.With("source"), sockets.With("destination")];
        set.WriteWith(WriteAsync);
    }

    /// <summary>How many label sets there are.</summary>
    public int SeriesCount => _series.Count;

    /// <summary>The counters for these labels: resolved once per connection, kept until it closes.</summary>
    public TrafficSeries Series(TrafficLabels labels)
    {
        if (!_series.TryGetValue(labels, out TrafficSeries? series))
        {
            series = Add(labels);
        }

        series.Touch();
        return series;
    }

    /// <summary>
    /// A connection was accepted; nothing is known of it yet. Paired with <see cref="SocketClosed"/>.
    /// </summary>
    public void SocketOpened(int worker, Reporter reporter) => _socketsOpen[(int)reporter].Increment(worker);

    public void SocketClosed(int worker, Reporter reporter) => _socketsOpen[(int)reporter].Decrement(worker);

    /// <summary>
    /// The last pod of this workload is gone: its series go too, once nothing was opened on them for the grace period
    /// and their last connection has closed. Counting again later starts from zero, which queries take for a restart.
    /// </summary>
    public void EvictWorkload(string @namespace, string workload)
    {
        Sweep(); // also where nobody scrapes
        foreach (TrafficSeries series in _series.Values)
        {
            if (series.Mentions(@namespace, workload))
            {
                series.MarkGone();
            }
        }
    }

    private TrafficSeries Add(TrafficLabels labels)
    {
        if (labels.Source.IsHearsay && Interlocked.Increment(ref _hearsay) > MaxHearsay)
        {
            Interlocked.Decrement(ref _hearsay);
            labels = labels with { Source = new TrafficPeer { Principal = labels.Source.Principal } };
        }

        return _series.GetOrAdd(labels, new TrafficSeries(labels, _workers, _time));
    }

    private async ValueTask WriteAsync(MetricText text, CancellationToken aborted)
    {
        Sweep();

        // Read once, written family by family: a scrape never shows more closed than opened.
        List<(TrafficSeries Series, TrafficTotals Totals)> traffic = new(_series.Count);
        foreach (TrafficSeries series in _series.Values)
        {
            TrafficTotals totals = series.Totals();
            if (totals.Opened > 0) // else looked up, never used
            {
                traffic.Add((series, totals));
            }
        }

        await new TrafficFamilies(traffic, text).WriteAsync(aborted);
    }

    private void Sweep()
    {
        int hearsay = 0;
        foreach (KeyValuePair<TrafficLabels, TrafficSeries> entry in _series)
        {
            TrafficSeries series = entry.Value;
            bool isHearsay = series.Labels.Source.IsHearsay;
            if ((isHearsay || series.IsGone) && series.Totals().Live == 0)
            {
                series.MarkGone(); // hearsay: nothing will ever tell that its workload is gone
                if (series.IsGoneFor(_grace) && _series.TryRemove(entry))
                {
                    continue;
                }
            }

            hearsay += isHearsay ? 1 : 0;
        }

        Volatile.Write(ref _hearsay, hearsay);
    }
}
