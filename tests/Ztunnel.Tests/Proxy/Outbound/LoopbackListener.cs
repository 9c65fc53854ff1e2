using Ztunnel.Linux;

namespace Ztunnel.Tests.Proxy.Outbound;

/// <summary>Accepts on a worker, for somebody there to serve.</summary>
internal sealed class LoopbackListener : IEpollHandler, IDisposable
{
    private readonly TcpSocket _socket;
    private readonly Action<TcpSocket> _serve;

    private LoopbackListener(Worker worker, InetEndpoint address, Action<TcpSocket> serve)
    {
        (_serve, Account) = (serve, worker.Account);
        _socket = TcpSocket.Listen(address, 64, static _ => { });
    }

    public TurnAccount Account { get; }

    public static LoopbackListener Start(Worker worker, InetEndpoint address, Action<TcpSocket> serve)
    {
        LoopbackListener listener = new(worker, address, serve);
        worker.Post(_ => worker.Watch(listener._socket, EpollEvents.In, listener), null);
        return listener;
    }

    public void OnEvents(EpollEvents events)
    {
        while (_socket.Accept(out _, out _) is { } accepted)
        {
            _serve(accepted);
        }
    }

    public void Dispose() => _socket.Dispose();
}
