namespace Ztunnel.Telemetry;

/// <summary>
/// One worker's share of a <see cref="TrafficSeries"/>. Only that worker's thread writes; a byte costs one addition.
/// The collector reads from another thread: a 64-bit aligned field is never torn.
/// </summary>
internal sealed class TrafficCell
{
    private readonly long[] _closed = new long[ResponseFlags.Count];
    private long _opened;
    private long _received;
    private long _sent;

    public long OpenedCount => Volatile.Read(ref _opened);

    public long ReceivedBytes => Volatile.Read(ref _received);

    public long SentBytes => Volatile.Read(ref _sent);

    public void Opened() => _opened++;

    /// <summary>Request direction: what the client sent, whichever side reports.</summary>
    public void Received(long bytes) => _received += bytes;

    /// <summary>Response direction: what the server sent, whichever side reports.</summary>
    public void Sent(long bytes) => _sent += bytes;

    public void Closed(ResponseFlag flag) => _closed[(int)flag]++;

    public long ClosedCount(ResponseFlag flag) => Volatile.Read(ref _closed[(int)flag]);
}
