using Ztunnel.Hbone;
using Ztunnel.Hbone.Http2;
using Ztunnel.Linux;
using Ztunnel.OpenSsl;
using Ztunnel.Proxy.Relay;
using Ztunnel.Telemetry;
using Ztunnel.Tls;

namespace Ztunnel.Proxy.Tunnels;

/// <summary>
/// One HBONE connection on its worker, either role: ciphertext in, frames to streams; frames out, encrypted and sent
/// once per turn. <see cref="End"/> is the only way out.
/// </summary>
internal sealed partial class TunnelConnection : IEpollHandler, IContinuation, ITurnEnd, IHttp2Events
{
    private readonly ProxyWorker _proxy;
    private readonly Worker _worker;
    private readonly ITunnelTransport _transport;
    private readonly TunnelBuffers _buffers;
    private readonly MeshSession _tls;
    private readonly Http2Connection _core;
    private readonly ITunnelOwner _owner;
    private readonly Queue<TunnelStream> _waiting = new();
    private Stage _stage = Stage.Handshake;
    private TunnelStream? _first;
    private WorkerTimer? _timer;
    private long _timerDue;
    private bool _isContinued;
    private bool _isClosed;

    public TunnelConnection(
        ProxyWorker proxy, ITunnelTransport transport, MeshSession tls, Http2Role role, TurnAccount account,
        ITunnelOwner owner)
    {
        (_proxy, _worker, _transport, _tls, _owner) = (proxy, proxy.Worker, transport, tls, owner);
        _buffers = transport.Buffers;
        Account = account;
        _core = new Http2Connection(role, proxy.Limits, this);
    }

    private enum Stage
    {
        Handshake,
        Open,

        /// <summary>Told the peer why and waits for it to have read that.</summary>
        Lingering,
        Ended,
    }

    public TurnAccount Account { get; }

    public Http2Role Role => _core.Role;

    public Http2Connection Core => _core;

    public ProxyWorker Proxy => _proxy;

    public Identity.SpiffeId? PeerIdentity => _tls.PeerIdentity;

    public bool IsOpen => _stage == Stage.Open;

    /// <summary>TLS came up, whatever became of it later.</summary>
    public bool WasEstablished { get; private set; }

    /// <summary>Client: another stream may be opened now.</summary>
    public bool CanOpen => _stage == Stage.Open && _core.CanOpen;

    /// <summary>When the last stream ended; worker milliseconds.</summary>
    public long IdleSince { get; private set; }

    private TunnelSide Figures => _proxy.Tunnels.Side(Role);

    /// <summary>Takes the connected transport over and begins with TLS.</summary>
    /// <param name="seen">Server: what the handler before was told of; edges are told once.</param>
    public void Start(EpollEvents seen = EpollEvents.None)
    {
        _transport.Attach(this);
        TimeSpan patience = _proxy.Services.Config.Deadlines.Handshake;
        _timer = _worker.Schedule(patience, static tunnel => ((TunnelConnection)tunnel!).OnHandshakeLate(), this);
        if (Role == Http2Role.Client)
        {
            Handshake();
        }
        else if (seen != EpollEvents.None)
        {
            OnEvents(seen);
        }
    }

    /// <summary>Client: sends a CONNECT for the stream. Only when <see cref="CanOpen"/>.</summary>
    public void Open(TunnelStream stream, in ConnectRequest request)
    {
        Link(stream, _core.Open(request, stream));
        OnOutput();
    }

    /// <summary>Server: the owner's half of a request's stream, to be attached within <see cref="ITunnelOwner.OnRequest"/>.</summary>
    public void Attach(TunnelStream stream, Http2Stream http)
    {
        http.Owner = stream;
        Link(stream, http);
    }

    /// <summary>The stream's owner is done with it; what of it is still open is reset.</summary>
    public void Release(TunnelStream stream)
    {
        if (Unlink(stream))
        {
            _core.Release(stream.Stream);
            OnOutput();
        }
    }

    /// <inheritdoc cref="Release"/>
    public void Reset(TunnelStream stream, Http2ErrorCode code)
    {
        if (Unlink(stream))
        {
            _core.Reset(stream.Stream, code);
            OnOutput();
        }
    }

    /// <summary>
    /// No new streams. The connection ends with the last one; a server serves what comes until its peer has heard of it.
    /// </summary>
    public void Drain()
    {
        if (_stage == Stage.Handshake)
        {
            End(TunnelEnd.Aborted, null);
        }
        else if (_stage == Stage.Open)
        {
            _core.BeginDrain();
            OnOutput();
            _flushAsked = FlushLater(); // also where nothing is to be sent: it looks whether this was all
        }
    }

    /// <summary>Ends it if these lists revoke its peer: at once, a client without a word.</summary>
    public void RecheckPeer(RevocationLists lists)
    {
        if (_stage is not (Stage.Handshake or Stage.Open) || !_tls.Session.IsRevokedBy(lists))
        {
            return;
        }

        CountRevoked();
        if (_stage == Stage.Open && Role == Http2Role.Server)
        {
            _core.GoAway(Http2ErrorCode.NoError);
            Transmit();
        }

        End(TunnelEnd.Revoked, "certificate revoked");
    }

    /// <summary>What it lies on is gone, with whatever was still to be said.</summary>
    public void OnTransportLost(TunnelEnd end, string? text)
    {
        _sawHangUp = true;
        if (_stage == Stage.Lingering)
        {
            CloseTransport();
        }
        else
        {
            End(end, text);
        }
    }

    public void End(TunnelEnd end, string? text)
    {
        if (_stage is Stage.Lingering or Stage.Ended)
        {
            return;
        }

        bool wasOpen = _stage == Stage.Open;
        _stage = Stage.Ended;
        _core.Stop();
        _timer?.Cancel();
        _stash.Clear();
        _waiting.Clear();
        while (_first is { } stream)
        {
            Unlink(stream);
            stream.OnTunnelLost(end, text);
        }

        Count(end, wasOpen);
        if (end is TunnelEnd.Abuse or TunnelEnd.ProtocolError or TunnelEnd.Finished or TunnelEnd.HandshakeFailed
            || (end == TunnelEnd.Revoked && Role == Http2Role.Server))
        {
            Linger();
        }
        else
        {
            CloseTransport();
        }

        _owner.OnEnded(this, end, text);
    }

    private void CountRevoked() => _proxy.Services.Metrics.Revocation.Rejected(
        _proxy.Index, Role == Http2Role.Client ? Reporter.Source : Reporter.Destination);

    private void Count(TunnelEnd end, bool wasOpen)
    {
        if (wasOpen)
        {
            Figures.Open.Decrement(_proxy.Index);
            _proxy.Tunnels.Closed(Role, end).Increment(_proxy.Index);
        }
        else
        {
            string result = end switch
            {
                TunnelEnd.HandshakeTimeout => "timeout",
                TunnelEnd.PeerClosed or TunnelEnd.IoError => "peer_closed",
                TunnelEnd.Aborted => "aborted",
                _ => "failed",
            };
            _proxy.Tunnels.Handshakes(Role, result).Increment(_proxy.Index);
        }
    }

    private void Link(TunnelStream stream, Http2Stream http)
    {
        stream.Stream = http;
        stream.IsAttached = true;
        stream.Next = _first;
        if (_first is not null)
        {
            _first.Previous = stream;
        }

        _first = stream;
        Figures.StreamsOpen.Increment(_proxy.Index);
        Figures.StreamsOpened.Increment(_proxy.Index);
    }

    private bool Unlink(TunnelStream stream)
    {
        if (!stream.IsAttached)
        {
            return false;
        }

        stream.IsAttached = false;
        if (stream.Previous is { } previous)
        {
            previous.Next = stream.Next;
        }
        else
        {
            _first = stream.Next;
        }

        if (stream.Next is { } next)
        {
            next.Previous = stream.Previous;
        }

        stream.Previous = stream.Next = null;
        stream.Stream.Owner = null;
        Figures.StreamsOpen.Decrement(_proxy.Index);
        IdleSince = _worker.NowMilliseconds;
        if (_first is null && _stage == Stage.Open && _core.IsDraining)
        {
            _flushAsked = FlushLater(); // looks whether this was all, though there may be nothing to send
        }

        return true;
    }

    private void CloseTransport()
    {
        _stage = Stage.Ended;
        _isClosed = true;
        _timer?.Cancel();
        _pending.Clear();
        _transport.Close();
        _tls.Dispose();
    }
}
