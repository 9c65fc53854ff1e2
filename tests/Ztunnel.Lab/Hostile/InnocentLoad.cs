using System.Diagnostics;

namespace Ztunnel.Lab;

/// <summary>
/// Innocent applications: one keeps its connection, one makes a new one for every request. They only run while they
/// are measured, so that between measurements the machine is free for what sets the attacks up.
/// </summary>
public sealed class InnocentLoad : IDisposable
{
    // One of each: more would keep two processors busy by themselves, and half of that is all that a fair share leaves.
    private const int Steady = 1;

    private readonly EchoThreads _steadyServer;
    private readonly EchoThreads _freshServer;
    private readonly List<InnocentCaller> _callers = [];

    public InnocentLoad(LabHost client, LabHost server)
    {
        _steadyServer = new EchoThreads(server, Steady);
        _freshServer = new EchoThreads(server, 2); // the next call may come before the last one's end is through
        for (int i = 0; i < Steady; i++)
        {
            _callers.Add(new InnocentCaller(client, _steadyServer.Endpoint, reconnects: false));
        }

        _callers.Add(new InnocentCaller(client, _freshServer.Endpoint, reconnects: true));
    }

    /// <summary>All of them for so long.</summary>
    public async Task<LoadWindow> MeasureAsync(TimeSpan window)
    {
        LoadWindow[] windows = await Task.WhenAll(_callers.Select(caller => Task.Factory.StartNew(
            () => Measure(caller, window),
            CancellationToken.None,
            TaskCreationOptions.LongRunning, // a thread of its own
            TaskScheduler.Default)));
        return LoadWindow.Sum(windows);
    }

    public void Dispose()
    {
        _callers.ForEach(caller => caller.Dispose());
        _steadyServer.Dispose();
        _freshServer.Dispose();
    }

    // From when the thread really runs.
    private static LoadWindow Measure(InnocentCaller caller, TimeSpan window)
    {
        long start = Stopwatch.GetTimestamp();
        long end = start + (long)(window.TotalSeconds * Stopwatch.Frequency);
        List<long> times = new(16 * 1024);
        List<string> errors = [];
        caller.CallUntil(end, times, errors);
        return new LoadWindow(caller.Reconnects ? [] : times, caller.Reconnects ? times : [], errors)
        {
            Length = Stopwatch.GetElapsedTime(start),
        };
    }
}
