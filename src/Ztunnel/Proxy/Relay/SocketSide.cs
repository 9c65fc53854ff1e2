using Ztunnel.Linux;

namespace Ztunnel.Proxy.Relay;

/// <summary>One end of a <see cref="SocketRelay"/>: reads from its socket, writes to the other's.</summary>
internal sealed class SocketSide(SocketRelay relay, TcpSocket socket, bool isUp) : IEpollHandler, IContinuation
{
    private ByteQueue _pending; // read here, not yet taken by the other side
    private bool _isReadable = true;
    private bool _isWritable = true;
    private bool _isContinued;
    private bool _sawHangUp;
    private bool _sawError;
    private bool _hasReadAll;

    public TcpSocket Socket { get; } = socket;

    public SocketSide Other { get; set; } = null!;

    /// <summary>The application of this node sends on this side.</summary>
    public bool IsUp { get; } = isUp;

    public bool HasEnded { get; private set; }

    public TurnAccount Account => relay.Account;

    public void Begin() => Pump();

    /// <summary>What was told of the socket, now or to whoever watched it before.</summary>
    public void Note(EpollEvents events)
    {
        _sawHangUp |= (events & EpollEvents.Unsettled) != 0;
        _isReadable |= (events & ~EpollEvents.Out) != 0;
        _sawError |= (events & EpollEvents.Error) != 0;
    }

    public void OnEvents(EpollEvents events)
    {
        if (relay.IsEnded)
        {
            return;
        }

        Note(events);
        if ((events & EpollEvents.Out) != 0)
        {
            _isWritable = true;
            Other.OnOtherWritable();
        }

        Slice();
    }

    public void Continue()
    {
        _isContinued = false;
        Slice();
    }

    public void Reset()
    {
        if (!Socket.IsClosed)
        {
            relay.Worker.Forget(Socket);
            Socket.Reset();
        }
    }

    public void Close()
    {
        _pending.Clear();
        if (!Socket.IsClosed)
        {
            relay.Worker.Forget(Socket);
            Socket.Dispose();
        }
    }

    private void OnOtherWritable()
    {
        while (!_pending.IsEmpty && Other._isWritable && !relay.IsEnded)
        {
            _pending.Advance(Write(_pending.Front));
        }

        if (!relay.IsEnded && _pending.IsEmpty)
        {
            EndIfAllRead();
            if (_isReadable && !relay.IsEnded)
            {
                ContinueLater();
            }
        }
    }

    private void Slice()
    {
        if (!relay.IsEnded)
        {
            Pump();
            TakeErrorIfStill();
        }
    }

    // What arrived before a reset is passed on: the error is taken when nothing more can be read, or not now.
    private void TakeErrorIfStill()
    {
        if (!_sawError || _isContinued || relay.IsEnded)
        {
            return;
        }

        _sawError = false;
        if (SocketOptions.TakeError(Socket) is > 0 and int error)
        {
            relay.OnBroken(this, IoResult.Failed(error));
        }
    }

    // One slice.
    private void Pump()
    {
        if (!_isReadable || !_pending.IsEmpty || _hasReadAll)
        {
            return;
        }

        Span<byte> buffer = relay.Worker.ReadBuffer;
        IoResult got = Socket.Receive(buffer);
        if (!got.IsOk)
        {
            _isReadable = false;
            if (!got.WouldBlock)
            {
                relay.OnBroken(this, got);
            }

            return;
        }

        if (got.Count == 0)
        {
            _hasReadAll = true;
            EndIfAllRead();
            return;
        }

        _isReadable = got.Count == buffer.Length || _sawHangUp;
        int sent = Other._isWritable ? Write(buffer[..got.Count]) : 0;
        if (relay.IsEnded)
        {
            return;
        }

        if (sent < got.Count)
        {
            _pending.Append(buffer[sent..got.Count]);
        }
        else if (_isReadable)
        {
            ContinueLater();
        }
    }

    private int Write(ReadOnlySpan<byte> bytes)
    {
        IoResult sent = Other.Socket.Send(bytes);
        if (!sent.IsOk)
        {
            Other._isWritable = false;
            if (!sent.WouldBlock)
            {
                relay.OnBroken(Other, sent);
            }

            return 0;
        }

        Other._isWritable = sent.Count == bytes.Length;
        relay.Moved(this, sent.Count);
        return sent.Count;
    }

    private void EndIfAllRead()
    {
        if (_hasReadAll && !HasEnded)
        {
            HasEnded = true;
            Other.Socket.ShutdownWrite();
            relay.OnDirectionEnded();
        }
    }

    private void ContinueLater()
    {
        if (!_isContinued)
        {
            _isContinued = true;
            relay.Worker.Continue(this);
        }
    }
}
