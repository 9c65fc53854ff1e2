using Ztunnel.Linux;

namespace Ztunnel.Proxy.Tunnels;

/// <summary>A tunnel's own TCP connection.</summary>
/// <param name="isWatched">The worker watches it already: it was connected, or it has something to read.</param>
internal sealed unsafe class SocketTransport(ProxyWorker proxy, TcpSocket socket, bool isWatched) : ITunnelTransport
{
    public TunnelBuffers Buffers => proxy.Buffers;

    public void Attach(TunnelConnection tunnel)
    {
        if (isWatched)
        {
            proxy.Worker.Replace(socket, tunnel);
        }
        else
        {
            proxy.Worker.Watch(socket, EpollEvents.Connection, tunnel);
        }
    }

    public IoResult Receive(byte* into, int length) => socket.Receive(into, length);

    public IoResult Send(ReadOnlySpan<byte> bytes) => socket.Send(bytes);

    public void ShutdownWrite() => socket.ShutdownWrite();

    public void Close()
    {
        proxy.Worker.Forget(socket);
        socket.Dispose();
    }
}
