using System.ComponentModel;
using Ztunnel.Linux;

namespace Ztunnel.Tests.Linux;

public sealed class UdpSocketTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void Receive_SeveralDatagrams_ComeAsOneBatchAndAreAnsweredWithOneCall(string address)
    {
        using UdpSocket server = Bound(address);
        using UdpSocket client = Connected(server);
        using ReceivedDatagrams batch = new(4);
        using DatagramReplies replies = new(4, 1024);
        for (byte i = 1; i <= 6; i++)
        {
            Assert.True(client.Send([i, (byte)(i * 2)]).IsOk);
        }

        Assert.Equal(4, batch.Receive(server).Count);
        Assert.True(batch.IsFull);
        for (int i = 0; i < batch.Count; i++)
        {
            Assert.Equal(client.LocalEndpoint(), batch.SourceOf(i));
            batch[i].CopyTo(replies.Room);
            replies.Add(batch[i].Length, batch, i);
        }

        Assert.True(replies.Room.IsEmpty); // as many as there may be
        Assert.Equal(0, replies.Send(server));
        Assert.Equal(2, batch.Receive(server).Count);
        Assert.False(batch.IsFull);
        Assert.True(batch.Receive(server).WouldBlock);
        for (byte i = 1; i <= 4; i++)
        {
            Assert.Equal([i, (byte)(i * 2)], Received(client));
        }
    }

    [Fact]
    public void Receive_LargestDatagram_IsWhole()
    {
        using UdpSocket server = Bound("127.0.0.1");
        using UdpSocket client = Connected(server);
        using ReceivedDatagrams batch = new(2);
        byte[] large = new byte[65_507];
        Random.Shared.NextBytes(large);

        Assert.Equal(large.Length, client.Send(large).Count);
        batch.Receive(server);

        Assert.True(batch[0].SequenceEqual(large));
    }

    [Fact]
    public void Receive_SendersOfOtherFamilyLengthsInTurn_AreTold()
    {
        using UdpSocket v6 = UdpSocket.Bound(new InetEndpoint(InetAddress.AnyV6, 0), SocketOptions.SetDualStack);
        InetEndpoint at = new(InetAddress.LoopbackV4, v6.LocalEndpoint().Port);
        using UdpSocket client = UdpSocket.Create(v6: false);
        Assert.True(client.Connect(at).IsOk);
        using ReceivedDatagrams batch = new(2);
        for (int round = 0; round < 3; round++)
        {
            client.Send([1]);
            Assert.Equal(1, batch.Receive(v6).Count);
            Assert.Equal(InetAddress.LoopbackV4, batch.SourceOf(0).Address);
        }
    }

    [Fact]
    public void Send_OneThatTheKernelRefuses_TheOthersGo()
    {
        using UdpSocket server = Bound("127.0.0.1");
        using UdpSocket client = Connected(server);
        using ReceivedDatagrams batch = new(4);
        using DatagramReplies replies = new(4, 200_000);
        client.Send([1]);
        client.Send([2]);
        Assert.Equal(2, batch.Receive(server).Count);

        replies.Add(65_508, batch, 0); // a byte more than there can be
        replies.Room[0] = 7;
        replies.Add(1, batch, 1);

        Assert.Equal(1, replies.Send(server));
        Assert.Equal([7], Received(client));
    }

    [Fact]
    public void Isolate_InAGroup_TheOtherHasAllThatIsNewAndWhatWasQueuedStays()
    {
        using UdpSocket old = Bound("127.0.0.1", isShared: true);
        using ReceivedDatagrams batch = new(64);
        UdpSocket[] clients = [.. Enumerable.Range(0, 32).Select(_ => Connected(old))];
        Array.ForEach(clients, client => client.Send([1]));
        using UdpSocket successor = UdpSocket.Bound(old.LocalEndpoint(), socket => SocketOptions.TrySetReusePort(socket));

        Assert.True(old.Isolate().IsOk);
        Array.ForEach(clients, client => client.Send([2]));

        Assert.Equal(32, batch.Receive(old).Count);
        Assert.True(old.SendTo([9], batch.SourceOf(0)).IsOk); // still from the address that was asked
        Assert.Contains(clients, client => client.ReceiveOrNothing() is [9]);
        Assert.Equal(32, batch.Receive(successor).Count);
        Array.ForEach(clients, client => client.Dispose());
    }

    [Fact]
    public void Bound_AddressTaken_NamesIt()
    {
        using UdpSocket first = Bound("127.0.0.1");

        Win32Exception failure = Assert.Throws<Win32Exception>(() => UdpSocket.Bound(first.LocalEndpoint(), _ => { }));

        Assert.Equal(Errno.EADDRINUSE, failure.NativeErrorCode);
        Assert.Contains(first.LocalEndpoint().ToString(), failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Send_NobodyListens_TheNextReceiveSaysSo()
    {
        UdpSocket gone = Bound("127.0.0.1");
        using UdpSocket client = Connected(gone);
        gone.Dispose();
        client.Send([1]);

        Assert.Equal(Errno.ECONNREFUSED, client.ReceiveResult().Errno);
    }

    private static UdpSocket Bound(string address, bool isShared = false) => UdpSocket.Bound(
        new InetEndpoint(InetAddress.Parse(address), 0),
        socket =>
        {
            SocketOptions.SetReceiveBuffer(socket, 1024 * 1024);
            _ = isShared && SocketOptions.TrySetReusePort(socket);
        });

    private static UdpSocket Connected(UdpSocket server)
    {
        UdpSocket client = UdpSocket.Create(server.IsV6);
        Assert.True(client.Connect(server.LocalEndpoint()).IsOk);
        return client;
    }

    private static byte[] Received(UdpSocket socket) => socket.ReceiveOrNothing() ?? throw new InvalidOperationException("nothing");
}
