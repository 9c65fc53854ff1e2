using System.Globalization;
using Prometheus;

namespace Ztunnel.Telemetry;

/// <summary>The worker threads: how busy, how fair.</summary>
internal sealed class WorkerMetrics
{
    private readonly Counter _turns;
    private readonly Counter _busy;
    private readonly Counter _deferred;
    private readonly Gauge _connections;
    private readonly Func<IReadOnlyList<WorkerFigures>> _figures;

    public WorkerMetrics(MetricSet set, Func<IReadOnlyList<WorkerFigures>> figures)
    {
        _figures = figures;
        _turns = set.Factory.CreateCounter("ztunnel_worker_turns_total", "Turns a worker made.", ["worker"]);
        _busy = set.Factory.CreateCounter(
            "ztunnel_worker_busy_seconds_total", "Time a worker spent in turns.", ["worker"]);
        _deferred = set.Factory.CreateCounter(
            "ztunnel_worker_deferred_total", "Events put off for fairness.", ["worker"]);
        _connections = set.Factory.CreateGauge("ztunnel_worker_connections", "Sockets a worker serves.", ["worker"]);
        set.Gauge("ztunnel_workers", "Worker threads.", () => set.Workers);
        set.BeforeCollect(Collect);
    }

    private void Collect()
    {
        foreach (WorkerFigures worker in _figures())
        {
            string index = worker.Index.ToString(CultureInfo.InvariantCulture);
            _turns.WithLabels(index).IncTo(worker.Turns);
            _busy.WithLabels(index).IncTo(worker.Busy.TotalSeconds);
            _deferred.WithLabels(index).IncTo(worker.Deferred);
            _connections.WithLabels(index).Set(worker.Connections);
        }
    }
}
