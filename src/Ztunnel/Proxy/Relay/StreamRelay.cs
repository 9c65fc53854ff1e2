using Ztunnel.Hbone;
using Ztunnel.Hbone.Http2;
using Ztunnel.Linux;
using Ztunnel.Proxy.Tunnels;
using Ztunnel.Telemetry;

namespace Ztunnel.Proxy.Relay;

/// <summary>
/// Bytes between an application's socket and a CONNECT stream. "Up" is what the application sent, into the tunnel;
/// "down" what the peer sent, out of it. Nothing is kept but what the application would not take.
/// </summary>
internal sealed partial class StreamRelay : TunnelStream, IEpollHandler, IContinuation
{
    private readonly Worker _worker;
    private readonly IRelayOwner _owner;
    private readonly IStreamCaller? _caller;
    private ConnectionRecord? _record;
    private TcpSocket? _app;
    private ByteQueue _pending; // down, what the application has not taken
    private RelayAge _age;
    private bool _isRunning;
    private bool _isEnded;
    private bool _isContinued;
    private bool _isAppReadable;
    private bool _isAppWritable;
    private bool _sawHangUp;
    private bool _sawError;
    private bool _isUpEnded;
    private bool _isDownEnded;
    private bool _hasRemoteEnd;

    /// <summary>Of a stream that a peer opened.</summary>
    public StreamRelay(TunnelConnection tunnel, TurnAccount account, IRelayOwner owner)
        : base(tunnel)
    {
        _worker = tunnel.Proxy.Worker;
        _owner = owner;
        Account = account;
    }

    /// <summary>Of a stream that we open.</summary>
    public StreamRelay(TunnelConnection tunnel, TurnAccount account, IRelayOwner owner, IStreamCaller caller)
        : this(tunnel, account, owner) => _caller = caller;

    public TurnAccount Account { get; }

    /// <summary>Takes over the application's socket, which somebody watched until now.</summary>
    /// <param name="seen">What they were told of it: edges are told once.</param>
    public void Adopt(TcpSocket app, EpollEvents seen = EpollEvents.None)
    {
        _app = app;
        _worker.Replace(app, this); // which also tells of what came up since a connect
        Note(seen);
    }

    /// <summary>From now on bytes flow, and are counted in the record.</summary>
    public void Run(ConnectionRecord record)
    {
        if (_isEnded) // by the sending of the answer
        {
            return;
        }

        _record = record;
        _isRunning = true;
        _isAppWritable = true;
        _age.Begin(_worker, Tunnel.Proxy.Services.Config.Deadlines.HalfClosed, static relay => ((StreamRelay)relay!).OnAged(), this);
        if (!_pending.IsEmpty || _hasRemoteEnd)
        {
            FlushDown();
        }

        ContinueLater(); // a slice of its own: answers come a hundred at a time
    }

    /// <summary>Ends it from our side: policy, drain, an answer that is no 200. The application sees the connection close.</summary>
    public void Abort(string? error, ResponseFlag flag)
    {
        if (!_isEnded)
        {
            Tunnel.Release(this);
            Finish(error, flag);
        }
    }

    /// <summary>Nothing has flowed yet and nothing will: lets go of the stream, without a word to anybody.</summary>
    public void Cancel()
    {
        if (!_isEnded)
        {
            _isEnded = true;
            Tunnel.Release(this);
        }
    }

    public void OnEvents(EpollEvents events)
    {
        if (_isEnded)
        {
            return;
        }

        Note(events);
        if (_isRunning && _isAppWritable && !_pending.IsEmpty)
        {
            FlushDown();
        }

        Slice();
    }

    public void Continue()
    {
        _isContinued = false;
        Slice();
    }

    public override void OnWritable()
    {
        if (!_isEnded && _isRunning)
        {
            PumpUp();
        }
    }

    public override void OnResponse(Http2Response response, bool endStream)
    {
        _hasRemoteEnd |= endStream;
        _caller!.OnResponse(response); // who opens no stream gets no answer
    }

    public override void OnReset(Http2ErrorCode code, ResetSource source)
    {
        if (_isEnded)
        {
            return;
        }

        if (!_isRunning)
        {
            EndUnopened(
                $"h2 failed: stream error received: {code}", ResponseFlag.Http2HandshakeFailure,
                isUnseen: source == ResetSource.GoAway || code == Http2ErrorCode.RefusedStream);
        }
        else if (code == Http2ErrorCode.NoError || (code == Http2ErrorCode.Cancel && _hasRemoteEnd))
        {
            // A peer that wants no more of our bytes and has sent all of its own: the application still gets those.
            (_isUpEnded, _hasRemoteEnd) = (true, true);
            _age.OnHalfClosed();
            FlushDown();
        }
        else
        {
            Tunnel.Core.Credit(Stream, int.MaxValue);
            ResetApp();
            bool isPlain = code is Http2ErrorCode.Cancel or Http2ErrorCode.ConnectError or Http2ErrorCode.StreamClosed;
            Finish(isPlain ? null : $"receive: h2 failed: stream error received: {code}",
                isPlain ? ResponseFlag.None : ResponseFlag.Http2HandshakeFailure);
        }
    }

    public override void OnTunnelLost(TunnelEnd end, string? text)
    {
        if (_isEnded || (_isUpEnded && _hasRemoteEnd)) // all was said; an application that is behind still gets it
        {
            return;
        }

        (string error, ResponseFlag flag) = TunnelFailures.OfStream(end, text);
        if (!_isRunning)
        {
            EndUnopened(error, flag, isUnseen: false);
            return;
        }

        ResetApp(); // a FIN would say that this was all
        Finish(error, flag);
    }

    private void Note(EpollEvents events)
    {
        _sawHangUp |= (events & EpollEvents.Unsettled) != 0;
        _isAppReadable |= (events & ~EpollEvents.Out) != 0;
        _isAppWritable |= (events & EpollEvents.Out) != 0;
        _sawError |= (events & EpollEvents.Error) != 0;
    }

    private void EndUnopened(string error, ResponseFlag flag, bool isUnseen)
    {
        Tunnel.Core.Credit(Stream, int.MaxValue);
        if (_caller is null)
        {
            ResetApp();
            Finish(error, flag);
            return;
        }

        _isEnded = true;
        _caller.OnNotOpened(error, flag, isUnseen);
    }

    private void CheckDone()
    {
        if (_isUpEnded && _isDownEnded && !_isEnded)
        {
            Tunnel.Release(this);
            Finish(null, ResponseFlag.None);
        }
        else
        {
            _age.OnHalfClosed();
        }
    }

    private void Finish(string? error, ResponseFlag flag)
    {
        _isEnded = true;
        _age.Cancel();
        _pending.Clear();
        Tunnel.Core.Credit(Stream, int.MaxValue); // of a stream that was reset while the application was behind
        Tunnel.OnOutput();
        CloseApp();
        _owner.OnRelayEnded(error, flag);
    }

    private void ResetApp()
    {
        if (_app is { IsClosed: false } app)
        {
            _worker.Forget(app);
            app.Reset();
        }
    }

    private void CloseApp()
    {
        if (_app is { IsClosed: false } app)
        {
            _worker.Forget(app);
            app.Dispose();
        }
    }
}
