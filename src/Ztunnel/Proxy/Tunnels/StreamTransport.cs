using Ztunnel.Hbone;
using Ztunnel.Hbone.Http2;
using Ztunnel.Linux;
using Ztunnel.Proxy.Relay;
using Ztunnel.Telemetry;

namespace Ztunnel.Proxy.Tunnels;

/// <summary>
/// A stream of one tunnel with another inside it. What arrives is credited when the inner tunnel has taken it; what that
/// has to send waits there while the stream's window or the outer socket is full. Idle, it holds nothing.
/// </summary>
internal sealed unsafe class StreamTransport(TunnelConnection outer, IStreamCaller caller)
    : TunnelStream(outer), ITunnelTransport
{
    private TunnelConnection? _inner;
    private ByteQueue _arrived; // what the inner tunnel was not ready for; the stream's window bounds it
    private bool _isAnswered;
    private bool _hasEnded;
    private bool _isLost;

    public TunnelBuffers Buffers => Tunnel.Proxy.InnerBuffers;

    public void Attach(TunnelConnection tunnel)
    {
        _inner = tunnel;
        if (!_arrived.IsEmpty || _hasEnded || _isLost)
        {
            Tell(EpollEvents.In);
        }
    }

    public IoResult Receive(byte* into, int length)
    {
        Span<byte> room = new(into, length);
        int count = 0;
        while (!_arrived.IsEmpty && count < length)
        {
            ReadOnlySpan<byte> front = _arrived.Front;
            front = front[..Math.Min(front.Length, length - count)];
            front.CopyTo(room[count..]);
            count += front.Length;
            _arrived.Advance(front.Length);
        }

        if (count > 0)
        {
            Credit(count);
            Tunnel.OnOutput();
            return IoResult.Of(count);
        }

        return _isLost ? IoResult.Failed(Errno.ECONNRESET)
            : _hasEnded ? IoResult.Of(0)
            : IoResult.Failed(Errno.EAGAIN);
    }

    public IoResult Send(ReadOnlySpan<byte> bytes)
    {
        if (_isLost)
        {
            return IoResult.Failed(Errno.EPIPE);
        }

        int sent = 0;
        while (sent < bytes.Length && Tunnel.CanSend)
        {
            int most = Math.Min(Tunnel.Core.SendAllowance(Stream), Tunnel.Core.PeerMaxFrameSize);
            if (most <= 0)
            {
                break; // the window's opening brings us back
            }

            ReadOnlySpan<byte> frame = bytes.Slice(sent, Math.Min(most, bytes.Length - sent));
            Tunnel.Core.QueueData(Stream, frame, endStream: false);
            sent += frame.Length;
        }

        if (sent < bytes.Length && !Tunnel.CanSend)
        {
            Tunnel.Wait(this);
        }

        Tunnel.OnOutput();
        return sent > 0 ? IoResult.Of(sent) : IoResult.Failed(Errno.EAGAIN);
    }

    public void ShutdownWrite()
    {
        if (!_isLost)
        {
            Tunnel.Core.EndStream(Stream);
            Tunnel.OnOutput();
        }
    }

    /// <summary>Also where no tunnel came to lie on it.</summary>
    public void Close()
    {
        _isLost = true;
        _arrived.Clear();
        Tunnel.Release(this);
        Credit(int.MaxValue); // of a stream that was reset, whose bytes still count against all of its tunnel's
        Tunnel.OnOutput();
    }

    public override void OnResponse(Http2Response response, bool endStream)
    {
        _isAnswered = true;
        _hasEnded |= endStream;
        caller.OnResponse(response);
    }

    public override void OnData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (_arrived.IsEmpty && _inner is { } inner && inner.TryTake(data))
        {
            Credit(data.Length);
            data = default;
        }

        if (_isLost)
        {
            return; // the inner tunnel has ended on what it was given
        }

        _arrived.Append(data);
        _hasEnded |= endStream;
        if (!data.IsEmpty || endStream)
        {
            Tell(EpollEvents.In);
        }
    }

    public override void OnWritable() => _inner?.OnEvents(EpollEvents.Out);

    public override void OnReset(Http2ErrorCode code, ResetSource source)
    {
        _isLost = true;
        if (_inner is not null)
        {
            Tell(EpollEvents.In); // after what came before
            return;
        }

        caller.OnNotOpened(
            $"h2 failed: stream error received: {code}",
            ResponseFlag.Http2HandshakeFailure,
            isUnseen: !_isAnswered && (source == ResetSource.GoAway || code == Http2ErrorCode.RefusedStream));
    }

    public override void OnTunnelLost(TunnelEnd end, string? text)
    {
        _isLost = true;
        if (_inner is { } inner)
        {
            inner.OnTransportLost(end, text);
        }
        else
        {
            (string error, ResponseFlag flag) = TunnelFailures.OfStream(end, text);
            caller.OnNotOpened(error, flag, isUnseen: false);
        }
    }

    private void Credit(int count) => Tunnel.Core.Credit(Stream, count);

    // An end was told with it, or will be found by reading on.
    private void Tell(EpollEvents events) =>
        _inner?.OnEvents(_hasEnded || _isLost ? events | EpollEvents.ReadHangUp : events);
}
