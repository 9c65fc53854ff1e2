using Ztunnel.Linux;

namespace Ztunnel.Tests.Linux;

/// <summary>A loopback listener on a worker whose connections echo.</summary>
internal sealed class EchoListener : IEpollHandler, IDisposable
{
    private readonly Worker _worker;
    private readonly TcpSocket _socket;

    public EchoListener(Worker worker, Func<TurnAccount> account)
    {
        _worker = worker;
        NewAccount = account;
        _socket = TcpSocket.Listen(new InetEndpoint(InetAddress.LoopbackV4, 0), 128, _ => { });
        Endpoint = _socket.LocalEndpoint();
        worker.Watch(_socket, EpollEvents.In, this);
    }

    public InetEndpoint Endpoint { get; }

    public TurnAccount Account => _worker.Account;

    private Func<TurnAccount> NewAccount { get; }

    public void OnEvents(EpollEvents events)
    {
        while (_socket.Accept(out _, out IoResult result) is { } accepted)
        {
            Assert.True(result.IsOk);
            _worker.Watch(accepted, EpollEvents.Connection, new EchoHandler(_worker, accepted, NewAccount()));
        }
    }

    public void Dispose()
    {
        _worker.Unwatch(_socket);
        _socket.Dispose();
    }
}
