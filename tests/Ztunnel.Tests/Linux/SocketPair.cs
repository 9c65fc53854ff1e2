using Ztunnel.Linux;

namespace Ztunnel.Tests.Linux;

/// <summary>Two connected loopback sockets, with the listener's family.</summary>
internal static class SocketPair
{
    public static (TcpSocket Client, TcpSocket Server) Connect(InetAddress? address = null)
    {
        using TcpSocket listener = TcpSocket.Listen(new InetEndpoint(address ?? InetAddress.LoopbackV4, 0), 8, _ => { });
        InetEndpoint at = listener.LocalEndpoint();
        TcpSocket client = TcpSocket.Create(at.Address.IsV6);
        IoResult started = client.Connect(at);
        Assert.True(started.IsOk || started.IsInProgress, started.Text);
        TcpSocket? server;
        do // on loopback the connection is in the queue as soon as the call is back, or a moment later
        {
            server = listener.Accept(out _, out IoResult result);
            Assert.True(server is not null || result.WouldBlock, result.Text);
        }
        while (server is null);
        return (client, server);
    }

    /// <summary>Reads what is on its way: loopback delivers before the sender's call is back, but for rare moments.</summary>
    public static IoResult ReceiveSoon(this TcpSocket socket, Span<byte> into)
    {
        IoResult result;
        do
        {
            result = socket.Receive(into);
        }
        while (result.WouldBlock);
        return result;
    }
}
