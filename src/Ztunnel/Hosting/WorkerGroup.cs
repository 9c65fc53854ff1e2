using System.Diagnostics;
using Ztunnel.Linux;
using Ztunnel.Telemetry;

namespace Ztunnel.Hosting;

/// <summary>The threads that carry traffic.</summary>
internal sealed class WorkerGroup
{
    private readonly Worker[] _workers;

    public WorkerGroup(int count)
    {
        _workers = new Worker[count];
        for (int index = 0; index < count; index++)
        {
            _workers[index] = new Worker(index, new WorkerOptions());
        }
    }

    public IReadOnlyList<Worker> Workers => _workers;

    public void Start() => Array.ForEach(_workers, static worker => worker.Start());

    /// <summary>Ends when all have stopped.</summary>
    /// <exception cref="WorkerDeathException">
    /// One of them ended by itself: its connections hang and will not be served again.
    /// </exception>
    public async Task WatchAsync()
    {
        await foreach (Task ended in Task.WhenEach(_workers.Select(static worker => worker.Completion)))
        {
            if (ended.Exception is { } death)
            {
                Worker worker = _workers.First(worker => worker.Completion == ended);
                throw new WorkerDeathException(worker.Name, death.InnerException!);
            }
        }
    }

    public IReadOnlyList<WorkerFigures> Figures() => Array.ConvertAll(_workers, static worker => new WorkerFigures
    {
        Index = worker.Index,
        Turns = worker.Turns,
        Busy = TimeSpan.FromSeconds(worker.BusyTicks / (double)Stopwatch.Frequency),
        Deferred = worker.Deferrals,
        Connections = worker.ConnectionCount,
    });

    public void Stop() => Array.ForEach(_workers, static worker => worker.Stop());
}
