namespace Ztunnel.Telemetry;

/// <summary>What one worker says of itself at a scrape.</summary>
internal readonly record struct WorkerFigures
{
    public required int Index { get; init; }

    /// <summary>Turns since the start: one batch of events and what was due with it.</summary>
    public long Turns { get; init; }

    /// <summary>Time spent in turns rather than waiting.</summary>
    public TimeSpan Busy { get; init; }

    /// <summary>Events put off because their account had used up its share of a turn.</summary>
    public long Deferred { get; init; }

    /// <summary>Sockets it serves now.</summary>
    public long Connections { get; init; }
}
