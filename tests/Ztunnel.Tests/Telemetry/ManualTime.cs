namespace Ztunnel.Tests.Telemetry;

/// <summary>A clock that moves when told to.</summary>
internal sealed class ManualTime(DateTimeOffset now) : TimeProvider
{
    private TimeSpan _elapsed;

    public ManualTime()
        : this(new DateTimeOffset(2026, 11, 22, 15, 33, 23, TimeSpan.Zero))
    {
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _elapsed.Ticks + 1;

    public override DateTimeOffset GetUtcNow() => now + _elapsed;

    public void Advance(TimeSpan by) => _elapsed += by;
}
