using Ztunnel.Linux;
using Ztunnel.Proxy.Pods;
using Ztunnel.Proxy.Socks;
using Ztunnel.State;
using Ztunnel.Telemetry;

namespace Ztunnel.Proxy.Outbound;

/// <summary>A SOCKS5 client until it has said where it wants to go; then an outbound connection like any other.</summary>
internal sealed class SocksConnection : IEpollHandler, IPodConnection
{
    private readonly PodWorker _pod;
    private readonly TcpSocket _socket;
    private readonly InetEndpoint _client;
    private readonly SocksNegotiation _negotiation;
    private WorkerTimer? _deadline;
    private bool _isEnded;

    public SocksConnection(PodWorker pod, TcpSocket socket, InetEndpoint client)
    {
        (_pod, _socket, _client) = (pod, socket, client);
        _negotiation = new SocksNegotiation(resolvesNames: Names is not null);
    }

    public TurnAccount Account => _pod.Account;

    private Worker Worker => _pod.Proxy.Worker;

    private INameResolver? Names => _pod.Pod.Services.Names;

    public void Begin()
    {
        _pod.Add(this);
        _deadline = Worker.Schedule(
            _pod.Pod.Services.Config.Deadlines.Handshake,
            static connection => ((SocksConnection)connection!).Fail("timed out"),
            this);
        Worker.Watch(_socket, EpollEvents.In | EpollEvents.ReadHangUp, this);
    }

    // A byte at a time: what follows the request belongs to the tunnel and has to stay in the socket.
    public void OnEvents(EpollEvents events)
    {
        Span<byte> one = stackalloc byte[1];
        Span<byte> reply = stackalloc byte[SocksReply.MaxSize];
        while (!_isEnded && _negotiation.Status == SocksStatus.NeedMore)
        {
            IoResult got = _socket.Receive(one);
            if (got.WouldBlock)
            {
                return;
            }

            if (got.Count == 0)
            {
                Fail(got.IsOk ? "the client closed the connection" : got.Text);
                return;
            }

            ReadOnlySpan<byte> input = one;
            SocksStatus status = _negotiation.Advance(ref input, reply, out int length);
            if (TrySend(reply[..length]))
            {
                Decide(status);
            }
        }
    }

    public void Drain() => Abort();

    public void Abort() => Close();

    public void Recheck(MeshSnapshot mesh)
    {
    }

    public void AddTo(List<ConnectionSummary> connections)
    {
    }

    private void Decide(SocksStatus status)
    {
        switch (status)
        {
            case SocksStatus.Connect:
                Worker.Unwatch(_socket);
                End();
                new OutboundConnection(_pod, _socket, _client).BeginTo(_negotiation.Destination.Canonical());
                break;
            case SocksStatus.NeedAddress:
                Worker.Unwatch(_socket); // the port, if it is there already, has to wait
                _ = ResolveAsync(_negotiation.Host!); // what comes of it is told to the negotiation
                break;
            case SocksStatus.Failed:
                Fail(_negotiation.Failure!.Reason);
                break;
        }
    }

    // Of the family the client itself speaks.
    private async Task ResolveAsync(string host)
    {
        InetAddress? address;
        try
        {
            address = await Names!.ResolveAsync(
                _pod.Pod.Info, host, _client.Address.IsV6, _pod.Pod.Aborted.Token);
        }
        catch (OperationCanceledException) // the pod is gone, and this connection with it
        {
            return;
        }

        if (!_isEnded)
        {
            OnResolved(address);
        }
    }

    private void OnResolved(InetAddress? address)
    {
        Worker.Watch(_socket, EpollEvents.In | EpollEvents.ReadHangUp, this);
        Span<byte> reply = stackalloc byte[SocksReply.MaxSize];
        SocksStatus status = _negotiation.Resolve(address, reply, out int length);
        if (TrySend(reply[..length]))
        {
            Decide(status);
        }
    }

    private bool TrySend(ReadOnlySpan<byte> reply)
    {
        if (reply.IsEmpty || _socket.Send(reply).Count == reply.Length)
        {
            return true;
        }

        Fail("the client does not read");
        return false;
    }

    private void Fail(string error)
    {
        _pod.Pod.Services.Access.EarlyDeny(
            _client, _socket.LocalEndpoint(), Reporter.Source, $"failed to negotiate socks connection: {error}");
        Close();
    }

    private void Close()
    {
        if (!_isEnded)
        {
            Worker.Forget(_socket);
            _socket.Dispose();
            End();
        }
    }

    private void End()
    {
        _isEnded = true;
        _deadline?.Cancel();
        _pod.Remove(this);
    }
}
