using System.ComponentModel;
using System.Net.Sockets;
using Ztunnel.Linux;

namespace Ztunnel.Tests.Linux;

public unsafe class TcpSocketTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void Accept_Connection_TellsBothEndpoints(string address)
    {
        using TcpSocket listener = TcpSocket.Listen(new InetEndpoint(InetAddress.Parse(address), 0), 8, _ => { });
        InetEndpoint at = listener.LocalEndpoint();
        using TcpSocket client = TcpSocket.Create(at.Address.IsV6);
        client.Connect(at);

        using TcpSocket? accepted = listener.Accept(out InetEndpoint peer, out IoResult result);

        Assert.True(result.IsOk);
        Assert.NotNull(accepted);
        Assert.Equal(client.LocalEndpoint(), peer);
        Assert.Equal(peer, accepted.PeerEndpoint());
        Assert.Equal(at, accepted.LocalEndpoint());
        Assert.Equal(at, client.PeerEndpoint());
    }

    [Fact]
    public void Connect_V6TargetOnAV4Socket_IsRefusedRatherThanCutDown()
    {
        using TcpSocket socket = TcpSocket.Create(v6: false);
        InetEndpoint target = new(InetAddress.Parse("7f00:1::1"), 1); // its first octets are 127.0.0.1

        Assert.Equal(Errno.EAFNOSUPPORT, socket.Connect(target).Errno);
        Assert.Equal(Errno.EAFNOSUPPORT, socket.TryBind(target).Errno);
    }

    [Fact]
    public void Receive_AfterClose_TouchesNobodyElsesDescriptor()
    {
        (TcpSocket client, TcpSocket server) = SocketPair.Connect();
        using TcpSocket peer = server;
        client.Dispose();

        Span<byte> into = stackalloc byte[1];
        Assert.Equal(-1, client.Descriptor);
        Assert.Equal(9, client.Receive(into).Errno); // EBADF
    }

    [Fact]
    public void Accept_DualStackListener_PeerIsCanonical()
    {
        using TcpSocket listener = TcpSocket.Listen(
            new InetEndpoint(InetAddress.AnyV6, 0), 8, SocketOptions.SetDualStack);
        ushort port = listener.LocalEndpoint().Port;
        using TcpSocket client = TcpSocket.Create(v6: false);
        client.Connect(new InetEndpoint(InetAddress.LoopbackV4, port));

        using TcpSocket? accepted = listener.Accept(out InetEndpoint peer, out _);

        Assert.Equal(client.LocalEndpoint(), peer);
        Assert.Equal(new InetEndpoint(InetAddress.LoopbackV4, port), accepted?.LocalEndpoint());
    }

    [Fact]
    public void Accept_NobodyThere_WouldBlock()
    {
        using TcpSocket listener = TcpSocket.Listen(new InetEndpoint(InetAddress.LoopbackV4, 0), 8, _ => { });

        Assert.Null(listener.Accept(out _, out IoResult result));

        Assert.True(result.WouldBlock);
        Assert.Equal(Errno.EAGAIN, result.Errno);
    }

    [Fact]
    public void Listen_PortInUse_NamesTheAddress()
    {
        using TcpSocket first = TcpSocket.Listen(new InetEndpoint(InetAddress.LoopbackV4, 0), 8, _ => { });
        InetEndpoint at = first.LocalEndpoint();

        Win32Exception refusal = Assert.Throws<Win32Exception>(() => TcpSocket.Listen(at, 8, _ => { }));

        Assert.Equal(Errno.EADDRINUSE, refusal.NativeErrorCode);
        Assert.Contains($"{at}: Address already in use (os error 98)", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Receive_PeerShutDownWriting_GivesZeroAndStillSends()
    {
        (TcpSocket client, TcpSocket server) = SocketPair.Connect();
        byte[] buffer = new byte[16];

        client.Send("bye"u8);
        client.ShutdownWrite();

        Assert.Equal(3, server.ReceiveSoon(buffer).Count);
        IoResult end = server.ReceiveSoon(buffer);
        Assert.True(end is { IsOk: true, Count: 0 });
        server.Send("too"u8);
        Assert.Equal(3, client.ReceiveSoon(buffer).Count);
        client.Dispose();
        server.Dispose();
    }

    [Fact]
    public void Reset_OfOneSide_IsADisconnectOnTheOther()
    {
        (TcpSocket client, TcpSocket server) = SocketPair.Connect();

        client.Reset();

        Assert.True(client.IsClosed);
        IoResult received = server.ReceiveSoon(new byte[16]);
        Assert.Equal(Errno.ECONNRESET, received.Errno);
        Assert.True(received.IsDisconnect);
        Assert.Equal("Connection reset by peer (os error 104)", received.Text);
        server.Send("x"u8); // SIGPIPE would end the test run
        Assert.Equal(Errno.EPIPE, server.Send("x"u8).Errno);
        server.Dispose();
    }

    [Fact]
    public void Send_PeerDoesNotRead_TakesAPartThenWouldBlock()
    {
        (TcpSocket client, TcpSocket server) = SocketPair.Connect();
        byte[] much = new byte[32 * 1024 * 1024];

        IoResult sent = client.Send(much);

        Assert.InRange(sent.Count, 1, much.Length - 1);
        IoResult next = sent;
        for (int more = 0; more < 1000 && next.IsOk; more++) // what is on its way to the peer makes room for a while
        {
            next = client.Send(much);
        }

        Assert.True(next.WouldBlock);
        client.Dispose();
        server.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(33)]
    [InlineData(48)]
    [InlineData(60)]
    public void ReceiveFramed_AnyAmount_LeavesAGapInFrontOfEachFrame(int available)
    {
        const int FrameSize = 16;
        const int Gap = 9;
        const int MaxBytes = 40; // two and a half frames
        (TcpSocket client, TcpSocket server) = SocketPair.Connect();
        byte[] sent = [.. Enumerable.Range(1, available).Select(i => (byte)i)];
        client.Send(sent);
        byte[] buffer = new byte[128];

        IoResult read;
        fixed (byte* at = buffer)
        {
            do
            {
                read = server.ReceiveFramed(at, MaxBytes, FrameSize, Gap);
            }
            while (read.WouldBlock);
        }

        Assert.Equal(Math.Min(available, MaxBytes), read.Count);
        byte[] expected = new byte[128];
        for (int i = 0; i < read.Count; i++)
        {
            expected[(i / FrameSize * (FrameSize + Gap)) + Gap + (i % FrameSize)] = sent[i];
        }

        Assert.Equal(expected, buffer);
        client.Dispose();
        server.Dispose();
    }

    [Fact]
    public void SendGathered_PiecesApart_ArriveInOrder()
    {
        (TcpSocket client, TcpSocket server) = SocketPair.Connect();
        byte[] bytes = "--one--two"u8.ToArray();
        fixed (byte* at = bytes)
        {
            IoSlice* slices = stackalloc IoSlice[] { new(at + 2, 3), new(at + 7, 3) };

            Assert.Equal(6, client.SendGathered(slices, 2).Count);
        }

        byte[] received = new byte[16];
        Assert.Equal("onetwo"u8, received.AsSpan(0, server.ReceiveSoon(received).Count));
        client.Dispose();
        server.Dispose();
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void OriginalDestination_NothingRedirected_IsFalse(string address)
    {
        (TcpSocket client, TcpSocket server) = SocketPair.Connect(InetAddress.Parse(address));

        Assert.False(SocketOptions.TryGetOriginalDestination(server, out _));

        client.Dispose();
        server.Dispose();
    }

    [Fact]
    public void Options_OfAConnection_AreWhatTheKernelSays()
    {
        using TcpSocket socket = TcpSocket.Create(v6: false);

        SocketOptions.SetNoDelay(socket);
        SocketOptions.SetKeepAlive(socket, TimeSpan.FromSeconds(180), TimeSpan.FromSeconds(90), 9);
        SocketOptions.SetUserTimeout(socket, TimeSpan.FromSeconds(1800));
        Assert.True(SocketOptions.TrySetReusePort(socket));

        using Socket seen = new(new SafeSocketHandle(socket.DangerousGetHandle(), ownsHandle: false));
        Assert.Equal(1, seen.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive));
        Assert.Equal(180, seen.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime));
        Assert.Equal(90, seen.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval));
        Assert.Equal(9, seen.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount));
        Assert.True(seen.NoDelay);
        Span<byte> timeout = stackalloc byte[4];
        seen.GetRawSocketOption(6, 18, timeout);
        Assert.Equal(1_800_000, BitConverter.ToInt32(timeout));
    }
}
