using Ztunnel.Hbone;
using Ztunnel.Linux;
using Ztunnel.OpenSsl;
using Ztunnel.Proxy.Relay;

namespace Ztunnel.Proxy.Tunnels;

// From the socket to the protocol, a slice at a time.
internal sealed unsafe partial class TunnelConnection
{
    /// <summary>
    /// What one slice may cost beside its bytes: frames of a few octets take some 50 ns each.
    /// </summary>
    private const int FramesPerSlice = 2_048;

    /// <summary>
    /// An ordinary CONNECT, or two of the shortest: each is a socket, a connect and a line in the log, some 60 µs.
    /// </summary>
    private const int HeaderOctetsPerSlice = 256;

    /// <summary>
    /// Of DATA to applications, which takes each a few µs in the kernel, however small. Large frames never come to so many.
    /// </summary>
    private const int DeliveriesPerSlice = 64;

    private const int SmallestRead = 16 * 1024;

    /// <summary>A peer that was told why it is cut off may still be in the middle of sending so much.</summary>
    private const int LingerBytes = 4 * 1024 * 1024;

    private static readonly TimeSpan s_lingerTime = TimeSpan.FromSeconds(1);

    private ByteQueue _stash; // decrypted, beyond the budget of its slice
    private int _readSize = SmallestRead;
    private int _lingerLeft = LingerBytes;
    private bool _isReadable;
    private bool _sawHangUp;
    private bool _sawCloseNotify;

    public void OnEvents(EpollEvents events)
    {
        if (_stage == Stage.Ended)
        {
            return;
        }

        _sawHangUp |= (events & (EpollEvents.ReadHangUp | EpollEvents.HangUp | EpollEvents.Error)) != 0;
        _isReadable |= (events & ~EpollEvents.Out) != 0;
        if ((events & EpollEvents.Out) != 0 && !_pending.IsEmpty)
        {
            FlushPending();
        }

        if (_stage != Stage.Ended) // the flush may have found it broken, and its descriptor is another's by now
        {
            ReadSlice();
        }
    }

    public void Continue()
    {
        _isContinued = false;
        if (_stage == Stage.Ended)
        {
            return;
        }

        ReadSlice();
        ServeWaiting();
    }

    /// <summary>
    /// Ciphertext that lies ready anyway, to be dealt with within the call; refused while older bytes wait, or where
    /// nothing is to be read any more.
    /// </summary>
    public bool TryTake(ReadOnlySpan<byte> ciphertext)
    {
        if (_stage is not (Stage.Handshake or Stage.Open) || !_stash.IsEmpty || _sawCloseNotify)
        {
            return false;
        }

        fixed (byte* at = ciphertext)
        {
            Decrypt(at, ciphertext.Length);
        }

        return true;
    }

    private void ContinueLater()
    {
        if (!_isContinued && _stage != Stage.Ended)
        {
            _isContinued = true;
            _worker.Continue(this);
        }
    }

    private void ReadSlice()
    {
        if (!_stash.IsEmpty)
        {
            ProcessStash();
        }
        else if (_isReadable)
        {
            ReadTransport();
        }
    }

    private void ReadTransport()
    {
        int size = Math.Min(_readSize, _worker.ReadBufferSize);
        IoResult got = _transport.Receive(_worker.ReadPointer, size);
        if (_isClosed) // giving credit for it may have found the outer tunnel broken
        {
            return;
        }

        if (!got.IsOk)
        {
            _isReadable = false;
            if (!got.WouldBlock)
            {
                EndBroken(got);
            }

            return;
        }

        if (got.Count == 0)
        {
            EndByPeer();
            return;
        }

        AdaptTo(got.Count, size);
        if (_stage == Stage.Lingering)
        {
            Discard(got.Count);
        }
        else
        {
            Decrypt(_worker.ReadPointer, got.Count);
        }

        if (_isReadable)
        {
            ContinueLater();
        }
    }

    // A short read has emptied the socket: the next edge tells of more. Unless the FIN's edge was told already.
    private void AdaptTo(int count, int size)
    {
        if (count < size)
        {
            _isReadable = _sawHangUp;
            _readSize = Math.Max(SmallestRead, count < size / 4 ? size / 2 : size);
        }
        else
        {
            _readSize = Math.Min(size * 2, _worker.ReadBufferSize);
        }
    }

    private void Decrypt(byte* ciphertext, int length)
    {
        TlsSession tls = _tls.Session;
        tls.Feed(ciphertext, length);
        if (_stage == Stage.Handshake)
        {
            Handshake();
            if (_stage != Stage.Open)
            {
                return;
            }
        }

        int plain = 0;
        TlsStatus status;
        _buffers.Ciphertext.Clear();
        while ((status = tls.Read(_buffers.Plain + plain, _buffers.PlainSize - plain, _buffers.Ciphertext, out int read))
            == TlsStatus.Ok)
        {
            plain += read;
        }

        if (plain < length / 2)
        {
            _readSize = SmallestRead; // tiny records cost more than their bytes
        }

        SendCiphertext(); // an answer to a KeyUpdate, an alert
        if (plain > 0 && _stage == Stage.Open)
        {
            Deliver(new ReadOnlySpan<byte>(_buffers.Plain, plain), isStashed: false);
        }

        if (status == TlsStatus.Closed)
        {
            _sawCloseNotify = true;
            if (_stash.IsEmpty) // else once that is dealt with: it came before
            {
                EndByPeer();
            }
        }
        else if (status == TlsStatus.Failed)
        {
            End(TunnelEnd.ProtocolError, _tls.Failure);
        }
    }

    private void ProcessStash()
    {
        ReadOnlySpan<byte> front = _stash.Front;
        int taken = Deliver(front, isStashed: true);
        if (_stage != Stage.Open)
        {
            return;
        }

        _stash.Advance(taken);
        if (_stash.IsEmpty && _sawCloseNotify)
        {
            EndByPeer();
        }
        else if (!_stash.IsEmpty || _isReadable)
        {
            ContinueLater();
        }
    }

    private int Deliver(ReadOnlySpan<byte> plain, bool isStashed)
    {
        ReceiveBudget budget = new()
        {
            Frames = FramesPerSlice,
            HeaderOctets = HeaderOctetsPerSlice,
            Deliveries = DeliveriesPerSlice,
        };
        int taken;
        try
        {
            taken = _core.Receive(plain, ref budget, _worker.NowMilliseconds);
        }
        catch (Http2ConnectionException violation)
        {
            if (_stage == Stage.Open) // else an event has ended it in the middle of this
            {
                Transmit();
            }

            End(violation.Abuse == AbuseKind.None ? TunnelEnd.ProtocolError : TunnelEnd.Abuse, violation.Message);
            return plain.Length;
        }

        if (_stage != Stage.Open)
        {
            return plain.Length;
        }

        if (taken < plain.Length && !isStashed)
        {
            _stash.Append(plain[taken..]);
            ContinueLater();
        }

        OnOutput();
        return taken;
    }

    private void Handshake()
    {
        _buffers.Ciphertext.Clear();
        TlsStatus status = _tls.Session.Handshake(_buffers.Ciphertext);
        SendCiphertext();
        if (_stage != Stage.Handshake)
        {
            return;
        }

        switch (status)
        {
            case TlsStatus.Ok:
                OnHandshaken();
                break;
            case TlsStatus.Failed or TlsStatus.Closed:
                if (_tls.Session.IsPeerRevoked)
                {
                    CountRevoked();
                }

                End(TunnelEnd.HandshakeFailed, _tls.Failure);
                break;
        }
    }

    private void OnHandshaken()
    {
        _stage = Stage.Open;
        WasEstablished = true;
        _timer?.Cancel();
        _timer = null;
        IdleSince = _worker.NowMilliseconds;
        _proxy.Tunnels.Handshakes(Role, "ok").Increment(_proxy.Index);
        Figures.Open.Increment(_proxy.Index);
        Figures.Opened.Increment(_proxy.Index);
        _core.Start(_worker.NowMilliseconds);
        OnOutput();
        _owner.OnEstablished(this);
    }

    private void OnHandshakeLate()
    {
        _timer = null;
        End(TunnelEnd.HandshakeTimeout, "timed out");
    }

    private void EndByPeer()
    {
        if (_stage == Stage.Lingering)
        {
            CloseTransport();
        }
        else
        {
            End(TunnelEnd.PeerClosed, _stage == Stage.Handshake ? "peer closed the connection" : null);
        }
    }

    private void EndBroken(IoResult result)
    {
        if (_stage == Stage.Lingering)
        {
            CloseTransport();
        }
        else
        {
            End(result.IsDisconnect ? TunnelEnd.PeerClosed : TunnelEnd.IoError, result.Text);
        }
    }

    // Closing with unread bytes resets the connection, and the reset may overtake the GOAWAY or alert just sent.
    private void Linger()
    {
        if (_sawHangUp || !_pending.IsEmpty)
        {
            CloseTransport();
            return;
        }

        _buffers.Ciphertext.Clear();
        _tls.Session.Shutdown(_buffers.Ciphertext);
        SendCiphertext();
        _transport.ShutdownWrite();
        _stage = Stage.Lingering;
        _timer = _worker.Schedule(s_lingerTime, static tunnel => ((TunnelConnection)tunnel!).OnLingered(), this);
        ContinueLater();
    }

    private void OnLingered()
    {
        if (_stage == Stage.Lingering)
        {
            CloseTransport();
        }
    }

    private void Discard(int count)
    {
        _lingerLeft -= count;
        if (_lingerLeft <= 0)
        {
            CloseTransport();
        }
    }
}
