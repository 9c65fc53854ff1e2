using Ztunnel.Hbone;
using Ztunnel.Hbone.Http2;
using Ztunnel.Linux;
using Ztunnel.OpenSsl;
using Ztunnel.Proxy.Relay;

namespace Ztunnel.Proxy.Tunnels;

// From the protocol to the transport: what a turn gathered leaves in one send at its end; what is large leaves at once.
internal sealed unsafe partial class TunnelConnection
{
    /// <summary>
    /// Up to here a payload is copied and gathered with others of its turn; above, a record of its own costs less than
    /// the copy.
    /// </summary>
    private const int GatherLimit = 8 * 1024;

    /// <summary>Gathered output above this is sent before the turn ends: it fills several records anyway.</summary>
    private const int OutputLimit = 128 * 1024;

    /// <summary>Streams that waited for the socket or a window, served in one slice: each may move a full buffer.</summary>
    private const int StreamsPerSlice = 4;

    private ByteQueue _pending; // ciphertext the transport would not take
    private bool _flushAsked;

    /// <summary>The transport takes bytes. If not, <see cref="Wait"/>.</summary>
    public bool CanSend => _stage == Stage.Open && _pending.IsEmpty;

    /// <summary>Asks for <see cref="TunnelStream.OnWritable"/>, in the order of asking.</summary>
    public void Wait(TunnelStream stream)
    {
        if (!stream.IsWaiting && stream.IsAttached)
        {
            stream.IsWaiting = true;
            _waiting.Enqueue(stream);
        }
    }

    /// <summary>
    /// Sends payload that lies in slots of <paramref name="frameSize"/> octets, each behind room for a frame header; at
    /// most what the stream's windows allow.
    /// </summary>
    public void SendData(Http2Stream stream, byte* slots, int length, int frameSize)
    {
        if (length <= GatherLimit && length <= frameSize)
        {
            _core.QueueData(stream, new ReadOnlySpan<byte>(slots + Http2Connection.DataHeaderSize, length), endStream: false);
            OnOutput();
            return;
        }

        byte* at = slots;
        for (int left = length; left > 0;)
        {
            int size = Math.Min(left, frameSize);
            _core.WriteDataHeader(new Span<byte>(at, Http2Connection.DataHeaderSize), stream, size, endStream: false);
            at += Http2Connection.DataHeaderSize + size;
            left -= size;
        }

        Transmit(slots, (int)(at - slots));
    }

    /// <summary>To be called after whatever may have made the core write: sees to it that it is sent, and on time.</summary>
    public void OnOutput()
    {
        if (_stage != Stage.Open)
        {
            return;
        }

        if (_core.Output.Length > OutputLimit && _pending.IsEmpty)
        {
            Transmit();
        }
        else if (!_core.Output.IsEmpty)
        {
            _flushAsked = FlushLater();
        }

        if (_core.HasReadyStreams)
        {
            ContinueLater();
        }

        ScheduleTick();
    }

    public void OnTurnEnd()
    {
        _flushAsked = false;
        if (_stage != Stage.Open)
        {
            return;
        }

        Transmit();
        if (_stage == Stage.Open && IsFinished)
        {
            End(TunnelEnd.Finished, null);
        }
    }

    // After GOAWAY in either direction the last stream takes the connection with it.
    private bool IsFinished => _first is null && _core.ActiveStreams == 0 && _pending.IsEmpty && (Role == Http2Role.Client
        ? _core.IsDraining
        : _isDrained);

    private bool FlushLater()
    {
        if (!_flushAsked)
        {
            _worker.AtTurnEnd(this);
        }

        return true;
    }

    private void Transmit() => Transmit(null, 0);

    // Order on the wire is order of encryption: what was gathered first, then the payload given here.
    private void Transmit(byte* payload, int length)
    {
        if (_pending.IsEmpty || length > 0)
        {
            TlsOutput output = _buffers.Ciphertext;
            output.Clear();
            ReadOnlySpan<byte> gathered = _core.Output.Pending;
            TlsStatus status = TlsStatus.Ok;
            if (!gathered.IsEmpty)
            {
                fixed (byte* at = gathered)
                {
                    status = _tls.Session.Write(at, gathered.Length, output);
                }

                _core.Output.Clear();
            }

            if (length > 0 && status == TlsStatus.Ok)
            {
                status = _tls.Session.Write(payload, length, output);
            }

            SendCiphertext();
            if (status != TlsStatus.Ok)
            {
                End(TunnelEnd.ProtocolError, _tls.Failure);
            }
        }
    }

    private void SendCiphertext()
    {
        TlsOutput output = _buffers.Ciphertext;
        var bytes = new ReadOnlySpan<byte>(output.Start, output.Length);
        if (bytes.IsEmpty)
        {
            return;
        }

        if (_pending.IsEmpty)
        {
            IoResult sent = _transport.Send(bytes);
            if (_isClosed) // an outer tunnel may break in the attempt
            {
                output.Clear();
                return;
            }

            if (!sent.IsOk && !sent.WouldBlock)
            {
                output.Clear();
                EndBroken(sent);
                return;
            }

            bytes = bytes[sent.Count..];
        }

        _pending.Append(bytes);
        output.Clear();
    }

    private void FlushPending()
    {
        while (!_pending.IsEmpty)
        {
            ReadOnlySpan<byte> front = _pending.Front;
            IoResult sent = _transport.Send(front);
            if (!sent.IsOk || _isClosed)
            {
                if (!sent.WouldBlock)
                {
                    EndBroken(sent);
                }

                return;
            }

            _pending.Advance(sent.Count);
            if (sent.Count < front.Length)
            {
                return;
            }
        }

        if (_stage == Stage.Open)
        {
            Transmit();
            _flushAsked = FlushLater(); // looks whether this was the last of a drained connection
            ServeWaiting();
        }
    }

    private void ServeWaiting()
    {
        if (_stage != Stage.Open)
        {
            return;
        }

        _core.ServeReady(_waiting.Count < StreamsPerSlice ? StreamsPerSlice : 0); // puts them into the queue
        for (int most = StreamsPerSlice; most > 0 && CanSend && _waiting.TryDequeue(out TunnelStream? stream); most--)
        {
            stream.IsWaiting = false;
            if (stream.IsAttached)
            {
                stream.OnWritable();
            }
        }

        if (CanSend && (_waiting.Count > 0 || _core.HasReadyStreams))
        {
            ContinueLater();
        }
    }

    // One timer for all deadlines of the core; it may come due too early, never too late.
    private void ScheduleTick()
    {
        long due = _core.NextDeadline;
        if (due == long.MaxValue || (_timer is { IsPending: true } && _timerDue <= due))
        {
            return;
        }

        _timer?.Cancel();
        _timerDue = due;
        _timer = _worker.Schedule(
            TimeSpan.FromMilliseconds(Math.Max(0, due - _worker.NowMilliseconds)),
            static tunnel => ((TunnelConnection)tunnel!).OnTick(),
            this);
    }

    private void OnTick()
    {
        if (_stage != Stage.Open)
        {
            return;
        }

        switch (_core.OnTick(_worker.NowMilliseconds))
        {
            case TickDecision.None:
                OnOutput();
                break;
            case TickDecision.Abuse:
                Transmit();
                End(TunnelEnd.Abuse, "stalled");
                break;
            default:
                Transmit();
                End(TunnelEnd.KeepAliveTimeout, "ping timeout");
                break;
        }
    }
}
