using Ztunnel.Hbone.Http2;
using Ztunnel.Hbone.Http2.Hpack;

namespace Ztunnel.Hbone;

// What goes out: header blocks, DATA within the peer's windows, credit for what was taken.
public sealed partial class Http2Connection
{
    /// <summary>Room <see cref="WriteDataHeader"/> needs in front of a payload.</summary>
    public const int DataHeaderSize = FrameHeader.Size;

    private const long HoldCheckInterval = 1000;

    private long _holdCheck = long.MaxValue; // the next look at held streams; never when none is blocked

    /// <summary>Streams that OnWritable waits to serve although windows are open; call ServeReady.</summary>
    public bool HasReadyStreams => !IsStopped && !_ready.IsEmpty && _sendWindow.Available > 0;

    /// <summary>
    /// Bytes this stream may send now: the smaller of both windows (frames must not exceed PeerMaxFrameSize either).
    /// When 0 the stream is recorded as blocked and OnWritable follows.
    /// </summary>
    public int SendAllowance(Http2Stream stream)
    {
        if (IsStopped || stream.IsClosed || stream.IsLocalEnded)
        {
            return 0;
        }

        int allowance = Math.Min(stream.SendWindow.Available, _sendWindow.Available);
        if (allowance > 0)
        {
            return allowance;
        }

        Block(stream);
        return 0;
    }

    /// <summary>Asks for OnWritable: data waits that no SendAllowance of 0 was returned for.</summary>
    public void Block(Http2Stream stream)
    {
        if (IsStopped || stream.IsClosed)
        {
            return;
        }

        if (!stream.IsBlocked)
        {
            stream.IsBlocked = true;
            stream.BlockedSince = _now;
            _holdCheck = Math.Min(_holdCheck, _now + HoldCheckInterval);
        }

        if (stream.SendWindow.Available > 0)
        {
            _ready.Add(stream);
        }
    }

    /// <summary>Raises OnWritable for at most so many streams, round robin; true if more could be served.</summary>
    public bool ServeReady(int most)
    {
        for (; most > 0 && HasReadyStreams; most--)
        {
            Http2Stream stream = _ready.Take();
            if (stream.IsBlocked && stream.SendWindow.Available > 0)
            {
                stream.IsBlocked = false;
                _events.OnWritable(stream);
            }
        }

        return HasReadyStreams;
    }

    /// <summary>
    /// Writes the header of a DATA frame in front of a payload that is in place behind it, and accounts for it. The
    /// caller sends <see cref="Output"/> first, then the frame.
    /// </summary>
    public void WriteDataHeader(Span<byte> nine, Http2Stream stream, int length, bool endStream)
    {
        if (stream.IsLocalEnded || stream.IsClosed || length > PeerMaxFrameSize
            || length > Math.Max(0, Math.Min(stream.SendWindow.Available, _sendWindow.Available)))
        {
            throw new InvalidOperationException($"Stream {stream.Id} may not send {length} bytes.");
        }

        FrameFlags flags = endStream ? FrameFlags.EndStream : FrameFlags.None;
        new FrameHeader(length, FrameType.Data, flags, stream.Id).Write(nine);
        stream.SendWindow.Take(length);
        _sendWindow.Take(length);
        stream.HasCarriedData |= length > 0;
        _budget.OnDataSent(length);
        if (endStream)
        {
            stream.IsLocalEnded = true;
            CloseIfDone(stream);
        }
    }

    /// <summary>
    /// Copies a small payload (within SendAllowance and PeerMaxFrameSize) to <see cref="Output"/> as one DATA frame.
    /// </summary>
    public void QueueData(Http2Stream stream, ReadOnlySpan<byte> data, bool endStream)
    {
        Span<byte> room = Output.GetSpan(FrameHeader.Size + data.Length);
        data.CopyTo(room[FrameHeader.Size..]);
        Output.Commit(FrameHeader.Size + data.Length); // before the header: accounting may raise OnClosed
        WriteDataHeader(room, stream, data.Length, endStream);
    }

    /// <summary>The application took so many bytes of this stream.</summary>
    public void Credit(Http2Stream stream, int bytes)
    {
        bytes = Math.Min(bytes, stream.Uncredited);
        if (bytes > 0 && !IsStopped)
        {
            stream.Uncredited -= bytes;
            CreditConnection(bytes);
            CreditStream(stream, bytes);
        }
    }

    private void CreditConnection(int bytes) => Announce(0, _receiveWindow.Credit(bytes, ConnectionWindow));

    private void CreditStream(Http2Stream stream, int bytes)
    {
        if (!stream.IsClosed && !stream.IsRemoteEnded)
        {
            Announce(stream.Id, stream.ReceiveWindow.Credit(bytes, _options.StreamWindow));
        }
    }

    private void Announce(int streamId, int increment)
    {
        if (increment > 0)
        {
            FrameWriter.WindowUpdate(Output, streamId, increment);
        }
    }

    // Streams that wait for the peer's window for longer than anybody should.
    private Http2ConnectionException? CheckHolds(long now)
    {
        long hold = (long)_options.Abuse.ZeroWindowHold.TotalMilliseconds;
        int blocked = 0;
        int held = 0;
        foreach (Http2Stream stream in _streams.Values)
        {
            blocked += stream.IsBlocked ? 1 : 0;
            held += stream.IsBlocked && now - stream.BlockedSince >= hold ? 1 : 0;
        }

        _holdCheck = blocked > 0 ? now + HoldCheckInterval : long.MaxValue;
        return held > _options.Abuse.ZeroWindowStreams
            ? AbuseBudget.Exceeded(AbuseKind.ZeroWindowHold, $"{held} streams without window for {hold} ms")
            : null;
    }

    private void WriteRequest(Http2Stream stream, in ConnectRequest request)
    {
        int start = BeginHeaders();
        _encoder.WriteRepeated(Output, ":method", StaticTable.MethodName, "CONNECT");
        _encoder.WriteRepeated(Output, ":authority", StaticTable.AuthorityName, request.Authority);
        _encoder.WriteRepeated(Output, "baggage", 0, request.Baggage);
        _encoder.WriteUnique(Output, "forwarded", request.Forwarded);
        _encoder.WriteUnique(Output, "traceparent", request.TraceParent);
        if (request.ForwardedNetwork is { } network)
        {
            _encoder.WriteRepeated(Output, "x-forwarded-network", 0, network);
        }

        FinishHeaders(start, stream.Id, endStream: false);
    }

    private void WriteResponse(Http2Stream stream, int status, string? baggage, bool endStream)
    {
        int start = BeginHeaders();
        int index = StaticTable.IndexOfStatus(status);
        if (index > 0)
        {
            HpackEncoder.WriteStatic(Output, index);
        }
        else
        {
            _encoder.WriteRepeated(Output, ":status", StaticTable.StatusName, StatusText(status));
        }

        if (baggage is not null)
        {
            _encoder.WriteRepeated(Output, "baggage", 0, baggage);
        }

        FinishHeaders(start, stream.Id, endStream);
    }

    private static string StatusText(int status) => status switch
    {
        401 => "401",
        431 => "431",
        503 => "503",
        _ => status.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };

    private int BeginHeaders()
    {
        int start = Output.Length;
        Output.Append(FrameHeader.Size);
        _encoder.BeginBlock(Output);
        return start;
    }

    private void FinishHeaders(int start, int streamId, bool endStream)
    {
        int length = Output.Length - start - FrameHeader.Size;
        FrameFlags flags = endStream ? FrameFlags.EndStream : FrameFlags.None;
        if (length <= PeerMaxFrameSize)
        {
            FrameHeader header = new(length, FrameType.Headers, flags | FrameFlags.EndHeaders, streamId);
            header.Write(Output.Written(start, FrameHeader.Size));
        }
        else
        {
            SplitHeaders(start, streamId, flags);
        }
    }

    // Only baggage of absurd length gets here.
    private void SplitHeaders(int start, int streamId, FrameFlags flags)
    {
        byte[] block = Output.Written(start + FrameHeader.Size, Output.Length - start - FrameHeader.Size).ToArray();
        Output.Truncate(start);
        FrameType type = FrameType.Headers;
        for (int position = 0; position < block.Length; type = FrameType.Continuation, flags = FrameFlags.None)
        {
            int length = Math.Min(PeerMaxFrameSize, block.Length - position);
            flags |= position + length == block.Length ? FrameFlags.EndHeaders : FrameFlags.None;
            new FrameHeader(length, type, flags, streamId).Write(Output.Append(FrameHeader.Size));
            Output.Append(block.AsSpan(position, length));
            position += length;
        }
    }
}
