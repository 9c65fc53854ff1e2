using System.Buffers.Binary;
using Ztunnel.Hbone.Http2;

namespace Ztunnel.Hbone;

// Frames other than DATA and header blocks.
public sealed partial class Http2Connection
{
    private const int GoAwayFields = 8; // debug data behind them is for people and is not kept
    private const int PingSize = 8;
    private const int RstStreamSize = 4;
    private const int WindowUpdateSize = 4;
    private const int PrioritySize = 5;

    // Octets of the frames we answer with, as counted against a peer that does not read.
    private const int RstStreamFrame = FrameHeader.Size + RstStreamSize;
    private const int PingFrame = FrameHeader.Size + PingSize;

    private bool _isSettingsAcknowledged;

    // Checks lengths and stream numbers that need no payload (RFC 9113 §6.3 to §6.10).
    private int PayloadNeeded()
    {
        switch (_frame.Type)
        {
            case FrameType.Headers or FrameType.Continuation:
                return HeaderOctetsNeeded();
            case FrameType.RstStream:
                RequireStream(true);
                return RequireLength(RstStreamSize);
            case FrameType.Settings:
                RequireStream(false);
                return SettingsOctetsNeeded();
            case FrameType.Ping:
                RequireStream(false);
                return RequireLength(PingSize);
            case FrameType.GoAway:
                RequireStream(false);
                return _frame.Length >= GoAwayFields ? GoAwayFields : RequireLength(GoAwayFields);
            case FrameType.WindowUpdate:
                return RequireLength(WindowUpdateSize);
            case FrameType.Priority:
                RequireStream(true);
                return 0;
            case FrameType.PushPromise:
                throw Violation(Http2ErrorCode.ProtocolError, "PUSH_PROMISE");
            default:
                return 0;
        }
    }

    private void Process(ReadOnlySpan<byte> payload, ref ReceiveBudget budget)
    {
        switch (_frame.Type)
        {
            case FrameType.Headers:
                OnHeaders(payload, ref budget);
                break;
            case FrameType.Continuation:
                OnHeaderFragment(payload, ref budget);
                break;
            case FrameType.RstStream:
                OnRstStream((Http2ErrorCode)BinaryPrimitives.ReadUInt32BigEndian(payload));
                break;
            case FrameType.Settings:
                OnSettings(payload);
                break;
            case FrameType.Ping:
                OnPing(BinaryPrimitives.ReadUInt64BigEndian(payload));
                break;
            case FrameType.GoAway:
                OnGoAway(payload);
                break;
            case FrameType.WindowUpdate:
                OnWindowUpdate(BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue);
                break;
            case FrameType.Priority when _frame.Length != PrioritySize:
                OnPriorityOfWrongSize();
                break;
            default: // PRIORITY is deprecated, unknown types are to be ignored (§5.5); a stream of them is not
                _budget.TakeUselessFrame(_now);
                break;
        }
    }

    private void RequireStream(bool isStream)
    {
        if (_frame.StreamId != 0 != isStream)
        {
            throw Violation(Http2ErrorCode.ProtocolError, $"{_frame.Type} on stream {_frame.StreamId}");
        }
    }

    private int RequireLength(int length) => _frame.Length == length
        ? length
        : throw Violation(Http2ErrorCode.FrameSizeError, $"{_frame.Type} of {_frame.Length} octets");

    private int SettingsOctetsNeeded()
    {
        if (_frame.IsAck ? _frame.Length != 0 : _frame.Length % SettingsFrame.EntrySize != 0)
        {
            throw Violation(Http2ErrorCode.FrameSizeError, $"SETTINGS of {_frame.Length} octets");
        }

        return _frame.Length <= SettingsFrame.EntrySize * SettingsFrame.MaxEntries
            ? _frame.Length
            : throw AbuseBudget.Exceeded(AbuseKind.SettingsFlood, "SETTINGS with too many entries");
    }

    private void OnSettings(ReadOnlySpan<byte> payload)
    {
        if (_frame.IsAck)
        {
            OnSettingsAck();
            return;
        }

        _budget.TakeSettings(payload.Length / SettingsFrame.EntrySize, _now);
        int initialWindow = _peer.InitialWindow;
        _peer.Arrive();
        for (; !payload.IsEmpty; payload = payload[SettingsFrame.EntrySize..])
        {
            (SettingId id, uint value) = SettingsFrame.Read(payload);
            _peer.Apply(id, value, Role);
            if (id == SettingId.HeaderTableSize)
            {
                _encoder.SetPeerTableSize(value);
            }
        }

        AdjustSendWindows(_peer.InitialWindow - initialWindow);
        FrameWriter.SettingsAck(Output);
        _answerBytes += FrameHeader.Size;
        _settingsDeadline = long.MaxValue;
        _events.OnSettings();
    }

    private void AdjustSendWindows(int delta)
    {
        if (delta == 0)
        {
            return;
        }

        foreach (Http2Stream stream in _streams.Values)
        {
            OpenSendWindow(stream, delta, "INITIAL_WINDOW_SIZE pushes a window above 2^31-1");
        }
    }

    // Until the ACK the peer may send by the RFC's initial window, if ours is smaller.
    private void OnSettingsAck()
    {
        if (_isSettingsAcknowledged)
        {
            _budget.TakeUselessFrame(_now);
            return;
        }

        int before = InitialReceiveWindow;
        _isSettingsAcknowledged = true;
        if (InitialReceiveWindow != before)
        {
            foreach (Http2Stream stream in _streams.Values)
            {
                stream.ReceiveWindow.Adjust(InitialReceiveWindow - before);
            }
        }
    }

    private void OnPing(ulong payload)
    {
        if (!_frame.IsAck)
        {
            _budget.TakePing(_now);
            FrameWriter.Ping(Output, payload, ack: true);
            _answerBytes += PingFrame;
        }
        else if (payload == KeepAlivePayload && _keepAlive.TryPong(_now, out long roundTrip))
        {
            _events.OnPong(roundTrip);
        }
        else if (payload == DrainPayload && _drain == DrainStep.Announced)
        {
            GoAway(Http2ErrorCode.NoError);
            _events.OnDrained();
        }
        else
        {
            _budget.TakeUselessFrame(_now);
        }
    }

    private void OnRstStream(Http2ErrorCode code)
    {
        if (Find(_frame.StreamId) is not { } stream)
        {
            OnFrameOfClosedStream();
            return;
        }

        // A client that opens and resets makes us work for nothing; resets of streams that carried data are normal
        // life.
        if (Role == Http2Role.Server && !stream.IsAnswered)
        {
            _budget.TakeRapidReset(_now);
        }
        else if (Role == Http2Role.Server && !stream.HasCarriedData)
        {
            _budget.TakeFruitlessReset(_now);
        }

        EndEarly(stream, code, ResetSource.Peer);
    }

    // RST_STREAM and WINDOW_UPDATE cross with the end of a stream all the time (§5.1).
    private void OnFrameOfClosedStream()
    {
        if (IsIdle(_frame.StreamId))
        {
            throw Violation(Http2ErrorCode.ProtocolError, $"{_frame.Type} on an idle stream");
        }

        if (_frame.Type == FrameType.RstStream && !_closed.Contains(_frame.StreamId))
        {
            _budget.TakeFruitlessReset(_now);
        }
    }

    private void OnPriorityOfWrongSize()
    {
        if (Find(_frame.StreamId) is { } stream)
        {
            StreamError(stream, Http2ErrorCode.FrameSizeError);
        }
        else if (IsIdle(_frame.StreamId)) // RST_STREAM must not be sent for it
        {
            throw Violation(Http2ErrorCode.FrameSizeError, $"PRIORITY of {_frame.Length} octets");
        }
        else
        {
            RefuseStream(_frame.StreamId, Http2ErrorCode.FrameSizeError);
        }
    }

    private void OnWindowUpdate(int increment)
    {
        _budget.TakeWindowUpdate(_now);
        if (_frame.StreamId == 0)
        {
            if (increment == 0)
            {
                throw Violation(Http2ErrorCode.ProtocolError, "WINDOW_UPDATE of 0");
            }

            if (!_sendWindow.TryAdd(increment))
            {
                throw new Http2ConnectionException(
                    Http2ErrorCode.FlowControlError, "connection window above 2^31-1", AbuseKind.WindowOverflow);
            }
        }
        else if (Find(_frame.StreamId) is not { } stream)
        {
            OnFrameOfClosedStream();
        }
        else if (increment == 0)
        {
            StreamError(stream, Http2ErrorCode.ProtocolError);
        }
        else if ((long)stream.SendWindow.Available + increment > int.MaxValue)
        {
            _events.OnAbuse(AbuseKind.WindowOverflow);
            StreamError(stream, Http2ErrorCode.FlowControlError);
        }
        else
        {
            OpenSendWindow(stream, increment, "");
        }
    }

    private void OpenSendWindow(Http2Stream stream, int increment, string overflow)
    {
        if (!stream.SendWindow.TryAdd(increment))
        {
            throw new Http2ConnectionException(Http2ErrorCode.FlowControlError, overflow, AbuseKind.WindowOverflow);
        }

        if (stream.IsBlocked && stream.SendWindow.Available > 0)
        {
            stream.BlockedSince = _now;
            _ready.Add(stream);
        }
    }
}
