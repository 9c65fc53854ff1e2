namespace Ztunnel.Hbone.Http2;

/// <summary>
/// Counts down, and looks at the clock only when it is empty: a take costs a subtraction. Start it full with
/// <see cref="Full"/>.
/// </summary>
internal struct TokenBucket
{
    private long _milliTokens;
    private long _refilledAt;

    public static TokenBucket Full(BucketLimit limit, long now) =>
        new() { _milliTokens = limit.Burst * 1000L, _refilledAt = now };

    public bool TryTake(int count, BucketLimit limit, long now)
    {
        long wanted = count * 1000L;
        if (_milliTokens < wanted)
        {
            long earned = Math.Max(0, now - _refilledAt) * limit.PerSecond;
            _refilledAt = now;
            _milliTokens = Math.Min(_milliTokens + earned, limit.Burst * 1000L);
        }

        bool suffices = _milliTokens >= wanted;
        _milliTokens -= suffices ? wanted : 0;
        return suffices;
    }

    /// <summary>Gives tokens back, never above the burst.</summary>
    public void Refund(long count, BucketLimit limit) =>
        _milliTokens = Math.Min(_milliTokens + (count * 1000L), Math.Max(_milliTokens, limit.Burst * 1000L));
}
