using System.Diagnostics;
using Ztunnel.Linux;
using Ztunnel.Telemetry;

namespace Ztunnel.Hosting;

/// <summary>The threads that carry traffic, and the one that answers DNS.</summary>
internal sealed class WorkerGroup
{
    // A question about the mesh takes 5 µs, one that is passed on 50: a share of a tunnel's size would be too much.
    private static readonly WorkerOptions s_dns = new()
    {
        Name = "ztunnel-dns",
        ReadBufferSize = 64 * 1024,
        ContendedShare = TimeSpan.FromMicroseconds(20),
    };

    private readonly Worker[] _workers;
    private readonly Worker[] _all;

    public WorkerGroup(int count, bool hasDns = false)
    {
        _workers = new Worker[count];
        for (int index = 0; index < count; index++)
        {
            _workers[index] = new Worker(index, new WorkerOptions());
        }

        Dns = hasDns ? new Worker(0, s_dns) : null;
        _all = Dns is null ? _workers : [.. _workers, Dns];
    }

    public IReadOnlyList<Worker> Workers => _workers;

    /// <summary>Null where DNS is off.</summary>
    public Worker? Dns { get; }

    public void Start() => Array.ForEach(_all, static worker => worker.Start());

    /// <summary>Ends when all have stopped.</summary>
    /// <exception cref="WorkerDeathException">
    /// One of them ended by itself: its connections hang and will not be served again.
    /// </exception>
    public async Task WatchAsync()
    {
        await foreach (Task ended in Task.WhenEach(_all.Select(static worker => worker.Completion)))
        {
            if (ended.Exception is { } death)
            {
                Worker worker = _all.First(worker => worker.Completion == ended);
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

    public void Stop() => Array.ForEach(_all, static worker => worker.Stop());
}
