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
    private readonly SocksNegotiation _negotiation = new(resolvesNames: false); // the DNS proxy's, which is not there yet
    private WorkerTimer? _deadline;
    private bool _isEnded;

    public SocksConnection(PodWorker pod, TcpSocket socket, InetEndpoint client) =>
        (_pod, _socket, _client) = (pod, socket, client);

    public TurnAccount Account => _pod.Account;

    private Worker Worker => _pod.Proxy.Worker;

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
        while (!_isEnded)
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
            if (length > 0 && _socket.Send(reply[..length]).Count != length)
            {
                Fail("the client does not read");
                return;
            }

            Decide(status);
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
            case SocksStatus.Failed:
                Fail(_negotiation.Failure!.Reason);
                break;
        }
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
