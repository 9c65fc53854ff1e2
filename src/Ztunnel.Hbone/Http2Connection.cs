#pragma warning disable CA1822, CS9113 // the shape first: bodies follow
using Ztunnel.Hbone.Http2;

namespace Ztunnel.Hbone;

/// <summary>
/// One HTTP/2 connection that carries CONNECT streams, for either role. Bytes and the clock come in, events and
/// <see cref="Output"/> go out; it does no I/O and belongs to one worker.
/// </summary>
public sealed class Http2Connection(Http2Role role, Http2Options options, IHttp2Events events)
{
    public Http2Role Role { get; } = role;

    public OutputBuffer Output { get; } = new();

    /// <summary>Streams neither ended in both directions nor reset.</summary>
    public int ActiveStreams => 0;

    /// <summary>Client: how many streams the peer lets be open; 100 until its SETTINGS came.</summary>
    public int OpenLimit => 100;

    /// <summary>Client: another stream may be opened now.</summary>
    public bool CanOpen => false;

    /// <summary>The peer or this side sent GOAWAY.</summary>
    public bool IsDraining => false;

    /// <summary>After an error GOAWAY or Stop: nothing is received or sent any more.</summary>
    public bool IsStopped => false;

    public int PeerMaxFrameSize => 16_384;

    /// <summary>Milliseconds (same clock as <c>now</c>) at which OnTick is due; a later tick only acts later.</summary>
    public long NextDeadline => long.MaxValue;

    /// <summary>Streams that OnWritable waits to serve although windows are open; call ServeReady.</summary>
    public bool HasReadyStreams => false;

    /// <summary>Queues the preface (client), SETTINGS and the connection window.</summary>
    public void Start(long now) => throw new NotImplementedException();

    /// <summary>
    /// Processes bytes from the peer until they or the budget are used up; returns how many it took. What it did not take
    /// must be passed again.
    /// </summary>
    /// <exception cref="Http2ConnectionException">GOAWAY is queued; flush and close.</exception>
    public int Receive(ReadOnlySpan<byte> bytes, ref ReceiveBudget budget, long now) => throw new NotImplementedException();

    /// <summary>Processes all of it.</summary>
    public void Receive(ReadOnlySpan<byte> bytes, long now) => throw new NotImplementedException();

    /// <summary>Keepalive and deadlines.</summary>
    public TickDecision OnTick(long now) => throw new NotImplementedException();

    /// <summary>Client: sends a CONNECT. Only when <see cref="CanOpen"/>.</summary>
    public Http2Stream Open(in ConnectRequest request, object? owner) => throw new NotImplementedException();

    /// <summary>Server: the response. Null baggage is not sent; the empty string is.</summary>
    public void Respond(Http2Stream stream, int status, string? baggage, bool endStream) => throw new NotImplementedException();

    /// <summary>
    /// Bytes this stream may send now: the smaller of both windows (frames must not exceed PeerMaxFrameSize either).
    /// When 0 the stream is recorded as blocked and OnWritable follows.
    /// </summary>
    public int SendAllowance(Http2Stream stream) => throw new NotImplementedException();

    /// <summary>Asks for OnWritable: data waits that no SendAllowance of 0 was returned for.</summary>
    public void Block(Http2Stream stream) => throw new NotImplementedException();

    /// <summary>
    /// Writes the header of a DATA frame in front of a payload that is in place behind it, and accounts for it. The caller
    /// sends <see cref="Output"/> first, then the frame.
    /// </summary>
    public void WriteDataHeader(Span<byte> nine, Http2Stream stream, int length, bool endStream) =>
        throw new NotImplementedException();

    /// <summary>Copies a small payload (within SendAllowance and PeerMaxFrameSize) to <see cref="Output"/> as one DATA frame.</summary>
    public void QueueData(Http2Stream stream, ReadOnlySpan<byte> data, bool endStream) => throw new NotImplementedException();

    /// <summary>Queues an empty DATA frame with END_STREAM; nothing if the stream is closed or already ended.</summary>
    public void EndStream(Http2Stream stream) => throw new NotImplementedException();

    /// <summary>The application took so many bytes.</summary>
    public void Credit(Http2Stream stream, int bytes) => throw new NotImplementedException();

    /// <summary>Ends a stream with RST_STREAM; nothing if it is closed. Uncredited bytes go back to the connection.</summary>
    public void Reset(Http2Stream stream, Http2ErrorCode code) => throw new NotImplementedException();

    /// <summary>
    /// The owner is done with the stream: whatever is still open is closed, by RST_STREAM NO_ERROR where a server has sent
    /// its END_STREAM and CANCEL otherwise.
    /// </summary>
    public void Release(Http2Stream stream) => throw new NotImplementedException();

    /// <summary>Raises OnWritable for at most so many streams, round robin; true if more could be served.</summary>
    public bool ServeReady(int most) => throw new NotImplementedException();

    /// <summary>
    /// Server: GOAWAY(2^31-1) and PING; after the PONG GOAWAY(last stream). Requests are served until the second.
    /// </summary>
    public void BeginDrain() => throw new NotImplementedException();

    /// <summary>GOAWAY with the last stream that was processed; open streams go on.</summary>
    public void GoAway(Http2ErrorCode code) => throw new NotImplementedException();

    /// <summary>
    /// Ends the protocol without a word: no further event is raised and buffers are given back. The owner ends its streams
    /// itself.
    /// </summary>
    public void Stop() => throw new NotImplementedException();
}
