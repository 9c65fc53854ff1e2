using System.Diagnostics;
using Ztunnel.Linux;

namespace Ztunnel.Load.Generators;

/// <summary>Requests and answers on one thread: see <see cref="RequestOptions"/>.</summary>
internal sealed class RequestLoad
{
    private const int PollMilliseconds = 20; // how late the end of the measurement may be seen when nothing happens

    private readonly long _measureFrom;
    private readonly long _end;
    private readonly LatencyHistogram _latencies = new();
    private long _operations;
    private long _errors;

    private RequestLoad(LoadLoop loop, RequestOptions options)
    {
        (Loop, Options) = (loop, options);
        Payload = GC.AllocateArray<byte>(options.Size, pinned: true);
        long now = Stopwatch.GetTimestamp();
        _measureFrom = now + (long)(options.WarmUpSeconds * Stopwatch.Frequency);
        _end = _measureFrom + (long)(options.Seconds * Stopwatch.Frequency);
    }

    public LoadLoop Loop { get; }

    public RequestOptions Options { get; }

    public byte[] Payload { get; }

    public static RequestReport Run(RequestOptions options)
    {
        IReadOnlyList<RequestLoad> loads = LoadThreads.Run(options.Connections, options.Threads, (loop, connections) =>
        {
            RequestLoad load = new(loop, options);
            load.Drive(connections);
            return load;
        });
        LatencyHistogram latencies = new();
        foreach (RequestLoad load in loads)
        {
            latencies.Add(load._latencies);
        }

        return new RequestReport(
            loads.Sum(load => load._operations),
            loads.Sum(load => load._errors),
            latencies.Count / options.Seconds,
            latencies.PercentileMicroseconds(0.5),
            latencies.PercentileMicroseconds(0.9),
            latencies.PercentileMicroseconds(0.99));
    }

    /// <summary>One more answer, complete just now.</summary>
    public void Count(long started, long now)
    {
        _operations++;
        if (now >= _measureFrom && now < _end)
        {
            _latencies.Add((long)Stopwatch.GetElapsedTime(started, now).TotalNanoseconds);
        }
    }

    public void CountError() => _errors++;

    private void Drive(int connections)
    {
        for (int i = 0; i < connections; i++)
        {
            new RequestConnection(this).Start();
        }

        while (Stopwatch.GetTimestamp() < _end)
        {
            Loop.Turn(PollMilliseconds);
        }
    }
}
