using Microsoft.Extensions.Logging;
using Ztunnel.Certificates;
using Ztunnel.Hbone;
using Ztunnel.Identity;
using Ztunnel.Linux;
using Ztunnel.OpenSsl;
using Ztunnel.Proxy.Pods;
using Ztunnel.Proxy.Tunnels;
using Ztunnel.State;
using Ztunnel.Telemetry;
using Ztunnel.Tls;

namespace Ztunnel.Proxy.Inbound;

/// <summary>An HBONE connection to the pod, from its accept on; its requests become <see cref="InboundStream"/>s.</summary>
internal sealed class InboundTunnel : ITunnelOwner, IPodConnection, IContinuation, IEpollHandler
{
    private readonly PodWorker _pod;
    private readonly TcpSocket _socket;
    private readonly HashSet<InboundStream> _streams = [];
    private readonly PeerAccount _account;
    private TunnelConnection? _tunnel;
    private WorkerTimer? _silence;
    private EpollEvents _seen; // before there is a tunnel to tell
    private bool _isHandshaking;
    private bool _hasTunnelEnded;
    private bool _isEnded;

    public InboundTunnel(PodWorker pod, TcpSocket socket, InetEndpoint peer)
    {
        (_pod, _socket, Peer) = (pod, socket, peer);
        _account = pod.Peers.Take(peer.Address);
    }

    public TurnAccount Account => _account.Turns;

    public InetEndpoint Peer { get; }

    /// <summary>Where the peer reached us: the pod's address and the HBONE port.</summary>
    public InetEndpoint Local { get; private set; }

    public SpiffeId? PeerIdentity { get; private set; }

    private ProxyWorker Proxy => _pod.Proxy;

    // The rest at the peer's expense, not at the listener's.
    public void Begin()
    {
        _pod.Add(this);
        Proxy.Services.Metrics.Traffic.SocketOpened(Proxy.Index, Reporter.Destination);
        if (_account.TryQueue())
        {
            Proxy.Worker.Continue(this);
        }
        else
        {
            Proxy.Tunnels.Shed("peer").Increment(Proxy.Index);
            CloseUnused();
        }
    }

    public void Continue()
    {
        _account.Dequeue();
        if (_isEnded)
        {
            return;
        }

        Local = _socket.LocalEndpoint();
        _silence = Proxy.Worker.Schedule(
            _pod.Pod.Services.Config.Deadlines.Handshake, static tunnel => ((InboundTunnel)tunnel!).OnSilent(), this);
        Proxy.Worker.Watch(_socket, EpollEvents.Connection, this);
    }

    // TLS is begun when the peer says something: thousands that say nothing hold a socket each and no session.
    public void OnEvents(EpollEvents events)
    {
        _seen |= events;
        if (_isEnded || _isHandshaking || (events & ~EpollEvents.Out) == EpollEvents.None)
        {
            return;
        }

        if (!_account.TryBeginHandshake())
        {
            Proxy.Tunnels.Shed("handshakes").Increment(Proxy.Index);
            CloseUnused();
            return;
        }

        _isHandshaking = true;
        _silence?.Cancel(); // what follows has deadlines of its own, and better reasons
        _ = AcceptAsync();
    }

    public void OnEstablished(TunnelConnection tunnel)
    {
        PeerIdentity = tunnel.PeerIdentity;
        EndHandshake();
        if (_pod.IsDraining)
        {
            tunnel.Drain();
        }
    }

    public void OnRequest(TunnelConnection tunnel, Http2Stream stream, Http2Request request, bool endStream)
    {
        InboundStream inbound = new(_pod, this, tunnel, request);
        _streams.Add(inbound);
        inbound.Begin(stream, endStream);
    }

    public void OnCapacity(TunnelConnection tunnel)
    {
    }

    public void OnGoAway(TunnelConnection tunnel)
    {
    }

    public void OnEnded(TunnelConnection tunnel, TunnelEnd end, string? text)
    {
        if (!tunnel.WasEstablished && end != TunnelEnd.Aborted)
        {
            Deny($"tls handshake error: {text ?? "the peer closed the connection"}");
        }
        else
        {
            _pod.Logger.TunnelEnded(Peer, end.Label(), text);
        }

        _hasTunnelEnded = true;
        EndWithLastStream();
    }

    public void Drain() => _tunnel?.Drain();

    public void Abort()
    {
        if (_tunnel is { } tunnel)
        {
            tunnel.End(TunnelEnd.Aborted, null);
            foreach (InboundStream stream in _streams.ToArray()) // whose application was behind
            {
                stream.Abort();
            }
        }
        else
        {
            CloseUnused();
        }
    }

    public void Recheck(MeshSnapshot mesh)
    {
        foreach (InboundStream stream in _streams.ToArray())
        {
            stream.Recheck(mesh);
        }
    }

    public void RecheckPeer(RevocationLists lists) => _tunnel?.RecheckPeer(lists);

    public void AddTo(List<ConnectionSummary> connections)
    {
        foreach (InboundStream stream in _streams)
        {
            stream.AddTo(connections);
        }
    }

    internal TimeSpan DelayFailure() => _account.DelayFailure(Proxy.Worker.NowMilliseconds);

    internal void Remove(InboundStream stream)
    {
        _streams.Remove(stream);
        EndWithLastStream();
    }

    // A stream that its peer is done with outlives the tunnel while the application reads the rest; policy still holds.
    private void EndWithLastStream()
    {
        if (_hasTunnelEnded && _streams.Count == 0)
        {
            End();
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            Workload? workload = await _pod.FindWorkloadAsync();
            if (workload is null)
            {
                Refuse(_pod.UnknownWorkload);
                return;
            }

            WorkloadTls tls = await _pod.GetCertificateAsync(workload.Identity);
            if (!_isEnded)
            {
                Accept(tls);
            }
        }
        catch (CertificateException e)
        {
            Refuse($"identity error: {e.Message}");
        }
        catch (OperationCanceledException) when (_pod.Pod.Aborted.IsCancellationRequested)
        {
            CloseUnused();
        }
        catch (Exception e) // nobody awaits this task
        {
            _pod.Logger.Unforeseen(e.Message, e);
            CloseUnused();
        }
    }

    private void Accept(WorkloadTls tls)
    {
        SocketTransport transport = new(Proxy, _socket, isWatched: true);
        MeshSession session = tls.Accept(Proxy.Services.Revocations);
        _tunnel = new TunnelConnection(Proxy, transport, session, Http2Role.Server, Account, this);
        _tunnel.Start(_seen);
    }

    private void Refuse(string error)
    {
        if (!_isEnded)
        {
            Deny(error);
            CloseUnused();
        }
    }

    private void Deny(string error) => Proxy.Services.Access.EarlyDeny(Peer, Local, Reporter.Destination, error);

    private void OnSilent()
    {
        if (_tunnel is null && !_isEnded)
        {
            Refuse("tls handshake error: timed out");
        }
    }

    private void CloseUnused()
    {
        if (!_isEnded)
        {
            Proxy.Worker.Forget(_socket);
            _socket.Dispose();
            End();
        }
    }

    private void EndHandshake()
    {
        if (_isHandshaking)
        {
            _isHandshaking = false;
            _account.EndHandshake();
        }
    }

    private void End()
    {
        if (!_isEnded)
        {
            _isEnded = true;
            _silence?.Cancel();
            EndHandshake();
            _pod.Peers.Return(_account);
            Proxy.Services.Metrics.Traffic.SocketClosed(Proxy.Index, Reporter.Destination);
            _pod.Remove(this);
        }
    }
}
