using Prometheus;

namespace Ztunnel.Telemetry;

/// <summary>
/// One metric family with one label whose values are the members of an enum: a <see cref="WorkerCounter"/> for each.
/// A member nobody counted stays out of the exposition.
/// </summary>
internal sealed class WorkerCounterFamily<TKind>
    where TKind : struct, Enum
{
    private readonly WorkerCounter[] _counters;

    public WorkerCounterFamily(MetricSet set, string name, string help, string label, string[] values)
    {
        _counters = new WorkerCounter[values.Length];
        Counter family = set.Factory.CreateCounter(name, help, [label]);
        for (int kind = 0; kind < values.Length; kind++)
        {
            WorkerCounter counter = _counters[kind] = new WorkerCounter(set.Workers);
            string value = values[kind];
            set.BeforeCollect(() =>
            {
                if (counter.Sum is long sum and > 0)
                {
                    family.WithLabels(value).IncTo(sum);
                }
            });
        }
    }

    public WorkerCounter this[TKind kind] => _counters[IndexOf(kind)];

    public void Increment(int worker, TKind kind) => this[kind].Increment(worker);

    // Without boxing, whatever the enum's size; the compiler folds the branches for each TKind.
    private static int IndexOf(TKind kind) =>
        System.Runtime.CompilerServices.Unsafe.SizeOf<TKind>() == 1
            ? System.Runtime.CompilerServices.Unsafe.As<TKind, byte>(ref kind)
            : System.Runtime.CompilerServices.Unsafe.As<TKind, int>(ref kind);
}
