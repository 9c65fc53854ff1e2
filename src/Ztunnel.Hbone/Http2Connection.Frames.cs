using System.Runtime.CompilerServices;
using Ztunnel.Hbone.Http2;

namespace Ztunnel.Hbone;

// From bytes to frames. Control frames are processed whole, in place where they came in one piece; DATA is passed on as
// it comes, and what nobody reads is skipped without being kept.
public sealed partial class Http2Connection
{
    private FrameHeader _frame;
    private NineBytes _nine;
    private int _nineCount;
    private PooledBytes _gathered;
    private Stage _stage;
    private int _prefaceMatched;
    private int _needed; // payload octets to be gathered before the frame is processed
    private int _skip; // payload octets that nobody reads
    private bool _hasFirstFrame;
    private long _frameDeadline = long.MaxValue;

    private Http2Stream? _dataStream;
    private int _dataLeft;
    private int _padLeft;

    private enum Stage
    {
        Preface,
        FrameHeader,
        Payload,
        PadLength,
        Data,
        Skip,
    }

    private static ReadOnlySpan<byte> ClientPreface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    private int ReceiveSome(ReadOnlySpan<byte> rest, ref ReceiveBudget budget)
    {
        switch (_stage)
        {
            case Stage.Preface:
                return MatchPreface(rest);
            case Stage.FrameHeader:
                return TakeFrameHeader(rest, ref budget);
            case Stage.Payload:
                return TakePayload(rest, ref budget);
            case Stage.PadLength:
                TakePadLength(rest[0]);
                return 1;
            case Stage.Data:
                budget.Deliveries--;
                return TakeData(rest);
            default:
                int skipped = Math.Min(_skip, rest.Length);
                SkipOrNextFrame(_skip - skipped);
                return skipped;
        }
    }

    private int MatchPreface(ReadOnlySpan<byte> rest)
    {
        int count = Math.Min(rest.Length, ClientPreface.Length - _prefaceMatched);
        if (!rest[..count].SequenceEqual(ClientPreface.Slice(_prefaceMatched, count)))
        {
            throw Violation(Http2ErrorCode.ProtocolError, "bad client preface");
        }

        _prefaceMatched += count;
        _stage = _prefaceMatched == ClientPreface.Length ? Stage.FrameHeader : Stage.Preface;
        return count;
    }

    private int TakeFrameHeader(ReadOnlySpan<byte> rest, ref ReceiveBudget budget)
    {
        int taken = FrameHeader.Size;
        if (_nineCount == 0 && rest.Length >= FrameHeader.Size)
        {
            _frame = FrameHeader.Parse(rest);
        }
        else
        {
            taken = Math.Min(FrameHeader.Size - _nineCount, rest.Length);
            rest[..taken].CopyTo(((Span<byte>)_nine)[_nineCount..]);
            _nineCount += taken;
            if (_nineCount < FrameHeader.Size)
            {
                return taken;
            }

            _nineCount = 0;
            _frame = FrameHeader.Parse(_nine);
        }

        FramesReceived++;
        budget.Frames--;
        BeginFrame(ref budget);
        return taken;
    }

    // Refuses by the header alone whatever can be: nothing is gathered towards a length that will not be used.
    private void BeginFrame(ref ReceiveBudget budget)
    {
        if (_frame.Length > _options.MaxFrameSize)
        {
            throw Violation(Http2ErrorCode.FrameSizeError, $"{_frame.Type} of {_frame.Length} octets");
        }

        if (!_hasFirstFrame && (_frame.Type != FrameType.Settings || _frame.IsAck))
        {
            throw Violation(Http2ErrorCode.ProtocolError, $"{_frame.Type} in place of the first SETTINGS");
        }

        if (_headerStream != 0 && (_frame.Type != FrameType.Continuation || _frame.StreamId != _headerStream))
        {
            throw Violation(Http2ErrorCode.ProtocolError, $"{_frame.Type} inside a header block");
        }

        _hasFirstFrame = true;
        if (_frame.Type == FrameType.Data)
        {
            BeginData();
            return;
        }

        _needed = PayloadNeeded();
        _skip = _frame.Length - _needed;
        _stage = Stage.Payload;
        if (_needed == 0)
        {
            CompletePayload(default, ref budget);
        }
        else if (_frameDeadline == long.MaxValue)
        {
            _frameDeadline = _now + (long)_options.Abuse.FrameDeadline.TotalMilliseconds;
        }
    }

    private int TakePayload(ReadOnlySpan<byte> rest, ref ReceiveBudget budget)
    {
        int missing = _needed - _gathered.Length;
        int taken = Math.Min(missing, rest.Length);
        if (taken == _needed)
        {
            CompletePayload(rest[..taken], ref budget);
            return taken;
        }

        _gathered.Append(rest[..taken]);
        if (taken == missing)
        {
            CompletePayload(_gathered.Span, ref budget);
            _gathered.Clear();
        }

        return taken;
    }

    private void CompletePayload(ReadOnlySpan<byte> payload, ref ReceiveBudget budget)
    {
        SkipOrNextFrame(_skip);
        Process(payload, ref budget);
        if (_headerStream == 0)
        {
            _frameDeadline = long.MaxValue;
        }

        if (_answerBytes > _options.Abuse.OutputBytes)
        {
            throw AbuseBudget.Exceeded(AbuseKind.OutputUnread, "answers that are not read");
        }
    }

    private void SkipOrNextFrame(int skip)
    {
        _skip = skip;
        _stage = skip > 0 ? Stage.Skip : Stage.FrameHeader;
    }

    private void BeginData()
    {
        if (_frame.StreamId == 0)
        {
            throw Violation(Http2ErrorCode.ProtocolError, "DATA on stream 0");
        }

        if (!_receiveWindow.TryReceive(_frame.Length))
        {
            throw new Http2ConnectionException(
                Http2ErrorCode.FlowControlError, "DATA beyond the connection window", AbuseKind.WindowOverflow);
        }

        _dataStream = Find(_frame.StreamId);
        if (_dataStream is null)
        {
            OnLateData();
            SkipOrNextFrame(_frame.Length);
        }
        else if (!MayReceive(_dataStream))
        {
            CreditConnection(_frame.Length);
            SkipOrNextFrame(_frame.Length);
        }
        else if (_frame.IsPadded)
        {
            _stage = _frame.Length > 0
                ? Stage.PadLength
                : throw Violation(Http2ErrorCode.FrameSizeError, "padded DATA without pad length");
        }
        else
        {
            BeginPayload(_frame.Length);
        }
    }

    // What we reset ourselves may still be on its way. Data of a stream we know nothing of any more is answered, at the
    // cost of the peer's budget.
    private void OnLateData()
    {
        if (IsIdle(_frame.StreamId))
        {
            throw Violation(Http2ErrorCode.ProtocolError, "DATA on an idle stream");
        }

        _budget.TakeData(_frame.Length, _frame.IsEndStream, _now);
        CreditConnection(_frame.Length);
        if (!_closed.WasResetByUs(_frame.StreamId))
        {
            RefuseStream(_frame.StreamId, Http2ErrorCode.StreamClosed);
        }
    }

    private bool MayReceive(Http2Stream stream)
    {
        if (stream.IsRemoteEnded)
        {
            StreamError(stream, Http2ErrorCode.StreamClosed);
        }
        else if (Role == Http2Role.Client && !stream.IsAnswered)
        {
            StreamError(stream, Http2ErrorCode.ProtocolError); // DATA before the response
        }
        else if (!stream.ReceiveWindow.TryReceive(_frame.Length))
        {
            _events.OnAbuse(AbuseKind.WindowOverflow);
            StreamError(stream, Http2ErrorCode.FlowControlError);
        }
        else
        {
            return true;
        }

        return false;
    }

    private void TakePadLength(byte padLength)
    {
        int payload = _frame.Length - 1 - padLength;
        if (payload < 0)
        {
            throw Violation(Http2ErrorCode.ProtocolError, "padding longer than its frame");
        }

        _padLeft = padLength;
        Http2Stream stream = _dataStream!;
        CreditConnection(1 + padLength); // nobody reads padding: it is given back at once
        CreditStream(stream, 1 + padLength);
        BeginPayload(payload);
    }

    private void BeginPayload(int payload)
    {
        _budget.TakeData(payload, _frame.IsEndStream, _now);
        _dataLeft = payload;
        _stage = Stage.Data;
        if (payload == 0)
        {
            TakeData(default);
        }
    }

    private int TakeData(ReadOnlySpan<byte> rest)
    {
        int taken = Math.Min(rest.Length, _dataLeft);
        _dataLeft -= taken;
        bool endStream = false;
        if (_dataLeft == 0)
        {
            SkipOrNextFrame(_padLeft);
            _padLeft = 0;
            endStream = _frame.IsEndStream;
        }

        Deliver(_dataStream!, rest[..taken], endStream);
        return taken;
    }

    private void Deliver(Http2Stream stream, ReadOnlySpan<byte> data, bool endStream)
    {
        if (stream.IsClosed) // reset while its frame was still arriving
        {
            CreditConnection(data.Length);
            return;
        }

        stream.Uncredited += data.Length;
        stream.HasCarriedData |= !data.IsEmpty;
        stream.IsRemoteEnded = endStream;
        if (endStream || !data.IsEmpty)
        {
            _events.OnData(stream, data, endStream);
            CloseIfDone(stream);
        }
    }

    [InlineArray(FrameHeader.Size)]
    private struct NineBytes
    {
        private byte _first;
    }
}
