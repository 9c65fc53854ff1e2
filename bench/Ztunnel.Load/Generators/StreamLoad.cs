using System.Diagnostics;
using Ztunnel.Linux;

namespace Ztunnel.Load.Generators;

/// <summary>Streams of one thread: see <see cref="StreamOptions"/>.</summary>
internal sealed class StreamLoad(LoadLoop loop, StreamOptions options)
{
    private const int PollMilliseconds = 20;

    /// <summary>For connections to be there, and at the end for what is under way to arrive.</summary>
    private const double PatienceSeconds = 30;

    private readonly List<StreamConnection> _streams = [];

    public static StreamReport Run(StreamOptions options)
    {
        IReadOnlyList<StreamReport> reports = LoadThreads.Run(
            options.Streams, options.Threads, (loop, streams) => new StreamLoad(loop, options).Drive(streams));
        return new StreamReport(
            reports.Sum(report => report.Bytes),
            reports.Max(report => report.Seconds),
            reports.Sum(report => report.Errors));
    }

    private StreamReport Drive(int streams)
    {
        for (int i = 0; i < streams; i++)
        {
            StreamConnection stream = options.IsReverse ? new ReceivingStream(loop) : new SendingStream(loop);
            stream.Start(options.Target);
            _streams.Add(stream);
        }

        TurnUntil(stream => stream.IsConnected || stream.IsFinished);
        long begin = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begin).TotalSeconds < options.Seconds)
        {
            loop.Turn(PollMilliseconds);
        }

        _streams.ForEach(stream => stream.Finish());
        TurnUntil(stream => stream.IsFinished);
        return new StreamReport(
            _streams.Sum(stream => stream.Bytes),
            Stopwatch.GetElapsedTime(begin).TotalSeconds,
            _streams.Count(stream => !stream.IsFinished || stream.HasFailed));
    }

    private void TurnUntil(Predicate<StreamConnection> isThere)
    {
        long begin = Stopwatch.GetTimestamp();
        while (!_streams.TrueForAll(isThere) && Stopwatch.GetElapsedTime(begin).TotalSeconds < PatienceSeconds)
        {
            loop.Turn(PollMilliseconds);
        }
    }
}
