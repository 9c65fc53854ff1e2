using Ztunnel.Linux;

namespace Ztunnel.Load.Generators;

/// <summary>Accepts for one thread; the kernel deals connections out to the threads' listeners.</summary>
internal sealed class LoadListener : ILoadHandler
{
    private const int Backlog = 65_535;

    private readonly TcpSocket _socket;
    private readonly LoadLoop _loop;
    private readonly Func<TcpSocket, LoadLoop, ServedConnection> _serve;

    private LoadListener(TcpSocket socket, LoadLoop loop, Func<TcpSocket, LoadLoop, ServedConnection> serve) =>
        (_socket, _loop, _serve) = (socket, loop, serve);

    public static void Start(ushort port, LoadLoop loop, Func<TcpSocket, LoadLoop, ServedConnection> serve)
    {
        TcpSocket socket = TcpSocket.Listen(new InetEndpoint(InetAddress.AnyV6, port), Backlog, listener =>
        {
            SocketOptions.SetDualStack(listener);
            SocketOptions.TrySetReuseAddress(listener);
            SocketOptions.TrySetReusePort(listener);
        });
        loop.Add(socket, EpollEvents.In, new LoadListener(socket, loop, serve));
    }

    public void OnEvents(EpollEvents events)
    {
        IoResult result = default;
        while (_socket.Accept(out _, out result) is { } accepted)
        {
            SocketOptions.SetNoDelay(accepted);
            _serve(accepted, _loop).Start();
        }

        if (result.IsOutOfDescriptors)
        {
            // A figure measured without some of its connections is none.
            throw TcpSocket.Failure("accept", result.Errno);
        }
    }
}
