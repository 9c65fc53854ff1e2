namespace Ztunnel.Tests.Certificates.Secrets;

/// <summary>A clock that starts now, as the test's certificates do, and moves when the test says.</summary>
internal sealed class SystemOffsetClock : TimeProvider
{
    private readonly ManualClock _clock = new();
    private readonly TimeSpan _offset;

    public SystemOffsetClock() => _offset = DateTimeOffset.UtcNow - _clock.GetUtcNow();

    public override long TimestampFrequency => _clock.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => _clock.GetUtcNow() + _offset;

    public override long GetTimestamp() => _clock.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        _clock.CreateTimer(callback, state, dueTime, period);

    public void Advance(TimeSpan by) => _clock.Advance(by);
}
