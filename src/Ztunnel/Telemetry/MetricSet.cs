using Prometheus;

namespace Ztunnel.Telemetry;

/// <summary>The one registry of the process, and the moments at which counted figures are put into it.</summary>
internal sealed class MetricSet
{
    private readonly List<Action> _beforeCollect = [];
    private readonly List<Func<MetricText, CancellationToken, ValueTask>> _writers = [];
    private readonly Lock _collecting = new();

    public MetricSet(int workers)
    {
        Workers = workers;
        Registry = Prometheus.Metrics.NewCustomRegistry();
        Factory = Prometheus.Metrics.WithCustomRegistry(Registry);
        Registry.AddBeforeCollectCallback(Collect);
    }

    /// <summary>Families that state their unit (<c># UNIT</c>), which is then the end of their name.</summary>
    public Dictionary<string, string> Units { get; } = [];

    /// <summary>How many workers count; their indices are 0 to one less.</summary>
    public int Workers { get; }

    public CollectorRegistry Registry { get; }

    public MetricFactory Factory { get; }

    /// <summary>Runs at every scrape, one scrape at a time, before anything is written.</summary>
    public void BeforeCollect(Action action)
    {
        lock (_collecting)
        {
            _beforeCollect.Add(action);
        }
    }

    /// <summary>Families that are written by their owner instead of being kept in the registry.</summary>
    public void WriteWith(Func<MetricText, CancellationToken, ValueTask> writer)
    {
        lock (_collecting)
        {
            _writers.Add(writer);
        }
    }

    /// <summary>All of them, in the order they came.</summary>
    public async ValueTask WriteOwnAsync(MetricText text, CancellationToken aborted)
    {
        Func<MetricText, CancellationToken, ValueTask>[] writers;
        lock (_collecting)
        {
            writers = [.. _writers];
        }

        foreach (Func<MetricText, CancellationToken, ValueTask> writer in writers)
        {
            await writer(text, aborted);
        }
    }

    public WorkerCounter Counter(string name, string help)
    {
        WorkerCounter counter = new(Workers);
        Counter published = Factory.CreateCounter(name, help);
        BeforeCollect(() => published.IncTo(counter.Sum));
        return counter;
    }

    public WorkerCounter Gauge(string name, string help)
    {
        WorkerCounter counter = new(Workers);
        Gauge published = Factory.CreateGauge(name, help);
        BeforeCollect(() => published.Set(counter.Sum));
        return counter;
    }

    /// <summary>A figure somebody else keeps: asked for at every scrape.</summary>
    public void Gauge(string name, string help, Func<double> value)
    {
        Gauge published = Factory.CreateGauge(name, help);
        BeforeCollect(() => published.Set(value()));
    }

    /// <inheritdoc cref="Gauge(string, string, Func{double})"/>
    public void Counter(string name, string help, Func<double> value)
    {
        Counter published = Factory.CreateCounter(name, help);
        BeforeCollect(() => published.IncTo(value()));
    }

    private void Collect()
    {
        lock (_collecting)
        {
            // By index: publishing may resolve a new sample, which adds itself.
            for (int at = 0; at < _beforeCollect.Count; at++)
            {
                _beforeCollect[at]();
            }
        }
    }
}
