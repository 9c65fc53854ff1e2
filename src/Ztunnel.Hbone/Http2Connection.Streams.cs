using System.Buffers.Binary;
using Ztunnel.Hbone.Http2;

namespace Ztunnel.Hbone;

// Streams: opening, answering, ending, and the end of all.
public sealed partial class Http2Connection
{
    // Any eight octets do; these two only have to differ.
    private const ulong KeepAlivePayload = 0x7a74_6b65_6570_616c;
    private const ulong DrainPayload = 0x7a74_6472_6169_6e21;

    private int _nextStream = 1;
    private int _lastPeerStream;
    private int _lastProcessed;
    private bool _hasPeerGoAway;
    private DrainStep _drain;

    private enum DrainStep
    {
        None,
        Announced,
        Final,
    }

    /// <summary>Client: how many streams the peer lets be open; 100 until its SETTINGS came.</summary>
    public int OpenLimit => _peer.MaxConcurrentStreams;

    /// <summary>Client: another stream may be opened now.</summary>
    public bool CanOpen => Role == Http2Role.Client
        && !IsStopped && !IsDraining && _nextStream > 0 && _streams.Count < OpenLimit;

    /// <summary>The peer or this side sent GOAWAY.</summary>
    public bool IsDraining => _hasPeerGoAway || _drain != DrainStep.None;

    private int LastProcessedStream => _lastProcessed;

    private int InitialReceiveWindow => _isSettingsAcknowledged
        ? _options.StreamWindow
        : Math.Max(_options.StreamWindow, PeerSettings.DefaultInitialWindow);

    /// <summary>Client: sends a CONNECT. Only when <see cref="CanOpen"/>.</summary>
    public Http2Stream Open(in ConnectRequest request, object? owner)
    {
        if (!CanOpen)
        {
            throw new InvalidOperationException("No stream can be opened on this connection.");
        }

        Http2Stream stream = new(_nextStream, _peer.InitialWindow, InitialReceiveWindow) { Owner = owner };
        _nextStream = unchecked(_nextStream + 2); // negative: the numbers of this connection are used up
        _streams.Add(stream.Id, stream);
        WriteRequest(stream, request);
        return stream;
    }

    /// <summary>
    /// Server: the response. Null baggage is not sent; the empty string is. Nothing if the stream is closed.
    /// </summary>
    public void Respond(Http2Stream stream, int status, string? baggage, bool endStream)
    {
        if (IsStopped || stream.IsClosed)
        {
            return;
        }

        if (stream.IsAnswered)
        {
            throw new InvalidOperationException("This request was already answered.");
        }

        int start = Output.Length;
        stream.IsAnswered = true;
        _budget.OnAnswered(status);
        WriteResponse(stream, status, baggage, endStream);
        _answerBytes += Output.Length - start;
        stream.IsLocalEnded = endStream;
        CloseIfDone(stream);
    }

    /// <summary>Queues an empty DATA frame with END_STREAM; nothing if the stream is closed or already ended.</summary>
    public void EndStream(Http2Stream stream)
    {
        if (!IsStopped && !stream.IsClosed && !stream.IsLocalEnded)
        {
            QueueData(stream, default, endStream: true);
        }
    }

    /// <summary>
    /// Ends a stream with RST_STREAM; nothing more if it is closed already. What was not credited goes back to the
    /// connection: the owner drops it.
    /// </summary>
    public void Reset(Http2Stream stream, Http2ErrorCode code)
    {
        if (!IsStopped && !stream.IsClosed)
        {
            // Ended both ways, if called from within the event that tells of the second: nothing is left to reset.
            bool isOver = stream.IsLocalEnded && stream.IsRemoteEnded;
            if (!isOver)
            {
                FrameWriter.RstStream(Output, stream.Id, code);
                _answerBytes += RstStreamFrame;
                stream.IsReset = true;
            }

            Close(stream, weReset: !isOver);
        }

        Credit(stream, stream.Uncredited);
    }

    /// <summary>
    /// The owner is done with the stream, and every stream is released in the end: whatever is still open is closed, by
    /// RST_STREAM NO_ERROR where a server has sent its END_STREAM and CANCEL otherwise.
    /// </summary>
    public void Release(Http2Stream stream) =>
        Reset(stream, Role == Http2Role.Server && stream.IsLocalEnded ? Http2ErrorCode.NoError : Http2ErrorCode.Cancel);

    /// <summary>
    /// Server: GOAWAY(2^31-1) and PING; after the PONG GOAWAY(last stream). Requests are served until the second.
    /// A client sends one GOAWAY and opens nothing more.
    /// </summary>
    public void BeginDrain()
    {
        if (Role == Http2Role.Client)
        {
            GoAway(Http2ErrorCode.NoError);
        }
        else if (!IsStopped && _drain == DrainStep.None)
        {
            _drain = DrainStep.Announced;
            FrameWriter.GoAway(Output, int.MaxValue, Http2ErrorCode.NoError);
            FrameWriter.Ping(Output, DrainPayload, ack: false);
        }
    }

    /// <summary>GOAWAY with the last stream that was processed; open streams go on. Said once.</summary>
    public void GoAway(Http2ErrorCode code)
    {
        if (!IsStopped && _drain != DrainStep.Final)
        {
            _drain = DrainStep.Final;
            FrameWriter.GoAway(Output, LastProcessedStream, code);
        }
    }

    private void OnGoAway(ReadOnlySpan<byte> payload)
    {
        int last = BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue;
        var code = (Http2ErrorCode)BinaryPrimitives.ReadUInt32BigEndian(payload[4..]);
        _budget.TakeUselessFrame(_now);
        _hasPeerGoAway = true;

        // The number speaks of streams of the receiver (§6.8): a client's GOAWAY says nothing about its own.
        if (Role == Http2Role.Client)
        {
            foreach (Http2Stream stream in _streams.Values.Where(stream => stream.Id > last).ToArray())
            {
                EndEarly(stream, Http2ErrorCode.RefusedStream, ResetSource.GoAway);
            }
        }

        _events.OnGoAway(last, code);
    }

    // Of the streams the peer may name; a server's own numbers are never used.
    private bool IsIdle(int id) => Role == Http2Role.Server
        ? id % 2 == 0 || id > _lastPeerStream
        : id % 2 == 0 || (_nextStream > 0 && id >= _nextStream);

    private void CloseIfDone(Http2Stream stream)
    {
        if (stream.IsLocalEnded && stream.IsRemoteEnded && !stream.IsClosed)
        {
            Close(stream, weReset: false);
        }
    }

    private void Close(Http2Stream stream, bool weReset)
    {
        stream.IsClosed = true;
        stream.IsBlocked = false;
        _ready.Remove(stream);
        _streams.Remove(stream.Id);
        _lastFound = _lastFound == stream ? null : _lastFound;
        _closed.Add(stream.Id, weReset);
        _events.OnClosed(stream);
    }

    private void EndEarly(Http2Stream stream, Http2ErrorCode code, ResetSource source)
    {
        stream.IsReset = true;
        if (!stream.IsClosed)
        {
            _events.OnReset(stream, code, source);
        }

        if (!stream.IsClosed) // unless the owner released it on the news
        {
            Close(stream, weReset: source == ResetSource.Local);
        }
    }

    // A violation that concerns one stream (§5.4.2).
    private void StreamError(Http2Stream stream, Http2ErrorCode code)
    {
        FrameWriter.RstStream(Output, stream.Id, code);
        _answerBytes += RstStreamFrame;
        _budget.TakeStreamError(_now);
        EndEarly(stream, code, ResetSource.Local);
    }

    // The same for a stream the owner never saw, or no longer.
    private void RefuseStream(int id, Http2ErrorCode code)
    {
        FrameWriter.RstStream(Output, id, code);
        _answerBytes += RstStreamFrame;
        _closed.Add(id, weReset: true);
        _budget.TakeStreamError(_now);
    }
}
