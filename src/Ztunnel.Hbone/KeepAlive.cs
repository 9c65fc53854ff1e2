namespace Ztunnel.Hbone;

/// <summary>When to PING and when to give up. Clock in, decision out.</summary>
internal struct KeepAlive(TimeSpan interval, TimeSpan timeout)
{
    private readonly long _interval = (long)interval.TotalMilliseconds;
    private readonly long _timeout = (long)timeout.TotalMilliseconds;
    private long _sentAt;
    private bool _isWaiting;

    /// <summary>When something is due.</summary>
    public long NextDeadline { get; private set; } = long.MaxValue;

    public void Start(long now) => NextDeadline = now + _interval;

    public void Stop() => NextDeadline = long.MaxValue;

    public KeepAliveAction OnTick(long now)
    {
        if (now < NextDeadline)
        {
            return KeepAliveAction.None;
        }

        if (_isWaiting)
        {
            NextDeadline = long.MaxValue;
            return KeepAliveAction.GiveUp;
        }

        (_isWaiting, _sentAt, NextDeadline) = (true, now, now + _timeout);
        return KeepAliveAction.SendPing;
    }

    /// <summary>False if no PING was open.</summary>
    public bool TryPong(long now, out long roundTrip)
    {
        roundTrip = now - _sentAt;
        if (!_isWaiting)
        {
            return false;
        }

        (_isWaiting, NextDeadline) = (false, now + _interval);
        return true;
    }
}
