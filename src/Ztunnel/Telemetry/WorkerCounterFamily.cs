using System.Collections.Concurrent;

namespace Ztunnel.Telemetry;

/// <summary>
/// A metric family whose samples are counted by workers. Callers resolve a sample once, at construction, and keep it;
/// one that was never touched stays out of the exposition.
/// </summary>
internal sealed class WorkerCounterFamily
{
    private readonly ConcurrentDictionary<string, WorkerCounter> _counters = new();
    private readonly MetricSet _set;
    private readonly Action<string[], long> _publish;
    private readonly int _labels;

    /// <param name="isGauge">It may go down; once seen it stays, also at zero.</param>
    public WorkerCounterFamily(MetricSet set, string name, string help, string[] labels, bool isGauge = false)
    {
        (_set, _labels) = (set, labels.Length);
        if (isGauge)
        {
            Prometheus.Gauge gauge = set.Factory.CreateGauge(name, help, labels);
            _publish = (values, sum) => gauge.WithLabels(values).Set(sum);
        }
        else
        {
            Prometheus.Counter counter = set.Factory.CreateCounter(name, help, labels);
            _publish = (values, sum) => counter.WithLabels(values).IncTo(sum);
        }
    }

    public WorkerCounter With(params string[] values)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, _labels);
        string key = string.Join('\0', values);
        return _counters.TryGetValue(key, out WorkerCounter? counter) ? counter : Add(key, values);
    }

    private WorkerCounter Add(string key, string[] values)
    {
        WorkerCounter made = new(_set.Workers);
        WorkerCounter counter = _counters.GetOrAdd(key, made);
        if (ReferenceEquals(counter, made))
        {
            bool seen = false; // only the collector's
            _set.BeforeCollect(() =>
            {
                long sum = counter.Sum;
                if (seen |= sum != 0)
                {
                    _publish(values, sum);
                }
            });
        }

        return counter;
    }
}
