using System.Net.Sockets;
using Ztunnel.Hbone;
using Ztunnel.Hbone.Http2;
using Ztunnel.Linux;
using Ztunnel.Proxy.Relay;
using Ztunnel.Proxy.Tunnels;
using Ztunnel.Telemetry;
using Ztunnel.Tests.Linux;

namespace Ztunnel.Tests.Proxy.Tunnels;

/// <summary>Client and server on one worker, over loopback, with real TLS.</summary>
public sealed class TunnelConnectionTests : IDisposable
{
    private readonly TunnelLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(8 * 1024)] // gathered
    [InlineData(3 * 1024 * 1024)] // in records of its own, over several windows' updates
    [InlineData(20 * 1024 * 1024)] // more than both windows
    public async Task Relay_BothWaysAtOnce_EveryByteArrivesAndBothEndsAreClean(int size)
    {
        await _lab.ConnectAsync();
        LabStream stream = await _lab.OpenAsync();
        byte[] up = Bytes(size, 1);
        byte[] down = Bytes(size, 2);

        Task<byte[]> atCallee = LabStream.ReadToEndAsync(stream.Callee);
        Task<byte[]> atCaller = LabStream.ReadToEndAsync(stream.Caller);
        await Task.WhenAll(SendAndEnd(stream.Caller, up), SendAndEnd(stream.Callee, down));

        AssertSame(up, await atCallee);
        AssertSame(down, await atCaller);
        Assert.Equal((null, ResponseFlag.None), await stream.Outbound.Ended.WaitAsync(TestWorker.Patience));
        Assert.Equal((null, ResponseFlag.None), await stream.Inbound.Ended.WaitAsync(TestWorker.Patience));
        await AssertUnusedAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Relay_HalfClosed_OtherDirectionGoesOn(bool callerEnds)
    {
        await _lab.ConnectAsync();
        LabStream stream = await _lab.OpenAsync();
        (Socket first, Socket second) = callerEnds ? (stream.Caller, stream.Callee) : (stream.Callee, stream.Caller);
        await LabStream.SendAllAsync(first, [1, 2, 3]);
        first.Shutdown(SocketShutdown.Send);
        Assert.Equal([1, 2, 3], await LabStream.ReadToEndAsync(second));

        byte[] answer = Bytes(1024 * 1024, 3);
        Task<byte[]> read = LabStream.ReadToEndAsync(first);
        await SendAndEnd(second, answer);

        AssertSame(answer, await read);
        Assert.Null((await stream.Outbound.Ended.WaitAsync(TestWorker.Patience)).Error);
        Assert.Null((await stream.Inbound.Ended.WaitAsync(TestWorker.Patience)).Error);
        await AssertUnusedAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Relay_ApplicationResets_OtherSeesAReset(bool callerResets)
    {
        await _lab.ConnectAsync();
        LabStream stream = await _lab.OpenAsync();
        (Socket first, Socket second) = callerResets ? (stream.Caller, stream.Callee) : (stream.Callee, stream.Caller);

        first.LingerState = new LingerOption(true, 0);
        first.Dispose();

        SocketException reset = await Assert.ThrowsAsync<SocketException>(() => LabStream.ReadToEndAsync(second));
        Assert.Equal(SocketError.ConnectionReset, reset.SocketErrorCode);
        Assert.Equal((null, ResponseFlag.None), await stream.Outbound.Ended.WaitAsync(TestWorker.Patience));
        Assert.Equal((null, ResponseFlag.None), await stream.Inbound.Ended.WaitAsync(TestWorker.Patience));
        await AssertUnusedAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Relay_DataThenReset_DataArrivesFirst(bool callerResets)
    {
        await _lab.ConnectAsync();
        LabStream stream = await _lab.OpenAsync();
        (Socket first, Socket second) = callerResets ? (stream.Caller, stream.Callee) : (stream.Callee, stream.Caller);
        byte[] data = Bytes(8_000, 8);

        await _lab.Run(() => Break(first, data)); // the worker sees both at once

        Assert.Equal(data, await LabStream.ReadAsync(second, data.Length));
        await Assert.ThrowsAsync<SocketException>(() => LabStream.ReadToEndAsync(second));
        await Task.WhenAll(stream.Outbound.Ended, stream.Inbound.Ended).WaitAsync(TestWorker.Patience);
        await AssertUnusedAsync();
    }

    [Fact]
    public async Task Relay_UrgentData_WhatFollowsArrives()
    {
        await _lab.ConnectAsync();
        LabStream stream = await _lab.OpenAsync();

        await _lab.Run(() => SendUrgent(stream.Caller));

        Assert.Equal([1, 2, 4, 5], await LabStream.ReadAsync(stream.Callee, 4));
    }

    [Fact]
    public async Task Relay_ApplicationDoesNotRead_SenderIsHeldAndOtherStreamsFlow()
    {
        await _lab.ConnectAsync();
        LabStream slow = await _lab.OpenAsync();
        byte[] much = Bytes(24 * 1024 * 1024, 4);
        Task sending = SendAndEnd(slow.Caller, much);

        LabStream quick = await _lab.OpenAsync();
        for (int call = 0; call < 20; call++)
        {
            await LabStream.SendAllAsync(quick.Caller, [(byte)call]);
            Assert.Equal([(byte)call], await LabStream.ReadAsync(quick.Callee, 1));
        }

        Assert.False(sending.IsCompleted); // windows and socket buffers hold less than that
        byte[] arrived = await LabStream.ReadToEndAsync(slow.Callee);
        await sending;
        AssertSame(much, arrived);
    }

    [Fact]
    public async Task Relay_ManyStreams_EachGetsItsOwnBytes()
    {
        await _lab.ConnectAsync();
        List<LabStream> streams = [];
        for (int at = 0; at < 50; at++)
        {
            streams.Add(await _lab.OpenAsync());
        }

        await Task.WhenAll(streams.Select(async (stream, at) =>
        {
            byte[] up = Bytes(100_000 + at, at);
            Task<byte[]> read = LabStream.ReadToEndAsync(stream.Callee);
            await SendAndEnd(stream.Caller, up);
            AssertSame(up, await read);
            stream.Callee.Shutdown(SocketShutdown.Send);
            Assert.Empty(await LabStream.ReadToEndAsync(stream.Caller));
            Assert.Null((await stream.Outbound.Ended.WaitAsync(TestWorker.Patience)).Error);
        }));
        await AssertUnusedAsync();
    }

    [Fact]
    public async Task End_StreamsOpen_ApplicationsSeeAResetAndEachIsToldOnce()
    {
        await _lab.ConnectAsync();
        LabStream stream = await _lab.OpenAsync();

        await _lab.Run(() => _lab.Server.End(TunnelEnd.Aborted, null));

        Assert.Equal(TunnelEnd.PeerClosed, await _lab.ClientOwner.Ended.WaitAsync(TestWorker.Patience));
        await Assert.ThrowsAsync<SocketException>(() => LabStream.ReadToEndAsync(stream.Caller));
        await Assert.ThrowsAsync<SocketException>(() => LabStream.ReadToEndAsync(stream.Callee));
        Assert.NotNull((await stream.Outbound.Ended.WaitAsync(TestWorker.Patience)).Error);
        Assert.Equal((1, 1), (stream.Outbound.Ends, stream.Inbound.Ends));
        Assert.Equal((1, 1), (_lab.ClientOwner.Ends, _lab.ServerOwner.Ends));
    }

    [Fact]
    public async Task Drain_ServerWithAStream_EndsAfterItAndLosesNothing()
    {
        await _lab.ConnectAsync();
        LabStream stream = await _lab.OpenAsync();
        await _lab.Run(_lab.Server.Drain);
        byte[] up = Bytes(2 * 1024 * 1024, 5);
        Task<byte[]> read = LabStream.ReadToEndAsync(stream.Callee);
        await SendAndEnd(stream.Caller, up);
        AssertSame(up, await read);
        Assert.False(await _lab.Run(() => _lab.Client.CanOpen));

        stream.Callee.Shutdown(SocketShutdown.Send);

        Assert.Empty(await LabStream.ReadToEndAsync(stream.Caller));
        TunnelEnd[] ends = await Task.WhenAll(_lab.ClientOwner.Ended, _lab.ServerOwner.Ended).WaitAsync(TestWorker.Patience);
        Assert.Contains(TunnelEnd.Finished, ends);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Drain_LastStreamsApplicationIsBehind_GetsAllAndNobodyWaitsLonger(bool clientDrains)
    {
        await _lab.ConnectAsync();
        LabStream stream = await _lab.OpenAsync(isCallerFull: true);
        byte[] down = Bytes(3 * 1024 * 1024, 6); // less than the stream's window
        stream.Caller.Shutdown(SocketShutdown.Send);
        await SendAndEnd(stream.Callee, down);
        await stream.Inbound.Ended.WaitAsync(TestWorker.Patience); // HTTP/2 is done with the stream, its client is not
        await _lab.Run(clientDrains ? _lab.Client.Drain : _lab.Server.Drain);
        long start = Environment.TickCount64;

        byte[] read = await LabStream.ReadToEndAsync(stream.Caller);
        AssertSame(down, read[^down.Length..]);
        await _lab.ClientOwner.Ended.WaitAsync(TestWorker.Patience);

        Assert.True(Environment.TickCount64 - start < 5_000, "ended by the next PING only");
    }

    [Fact]
    public async Task OnEvents_ResetWhileItsSendsWait_TouchesNoOtherSocket()
    {
        await _lab.ConnectAsync();
        (TcpSocket, TcpSocket)[] others = [];
        _lab.ClientOwner.Ending = () =>
        {
            // Whoever gets the number of the descriptor just closed has something to be read at once.
            others = [.. Enumerable.Range(0, 40).Select(_ => SocketPair.Connect())];
            foreach ((TcpSocket client, TcpSocket server) in others)
            {
                client.Send([1]);
                server.Send([1]);
            }
        };
        LabStream stream = await _lab.OpenAsync();
        bool isBehind = await _lab.Run(() =>
        {
            Fill(stream.Outbound.Relay!); // its peer, on this very thread, cannot read meanwhile
            bool waits = !_lab.Client.CanSend;
            _lab.Server.End(TunnelEnd.Aborted, null); // with unread bytes: a reset
            return waits;
        });
        Assert.True(isBehind);
        await _lab.ClientOwner.Ended.WaitAsync(TestWorker.Patience);

        foreach ((TcpSocket client, TcpSocket server) in others)
        {
            Assert.Equal((1, 1), (client.ReceiveSoon(new byte[1]).Count, server.ReceiveSoon(new byte[1]).Count));
            client.Dispose();
            server.Dispose();
        }
    }

    [Fact]
    public async Task Decrypt_CloseNotifyBehindMoreFramesThanASlice_DealsWithAllOfThem()
    {
        await _lab.ConnectAsync();
        LabStream stream = await _lab.OpenAsync();
        stream.Caller.Shutdown(SocketShutdown.Send);
        Assert.Empty(await LabStream.ReadToEndAsync(stream.Callee));

        await _lab.Run(() =>
        {
            Http2Stream http = stream.Inbound.Relay!.Stream;
            for (int frame = 0; frame < 2_500; frame++)
            {
                SendByte(_lab.Server, http);
            }

            _lab.Server.Core.EndStream(http);
            _lab.Server.OnTurnEnd();
            _lab.Server.End(TunnelEnd.Finished, null);
        });

        Assert.Equal(2_500, (await LabStream.ReadToEndAsync(stream.Caller)).Length);
        Assert.Equal((null, ResponseFlag.None), await stream.Outbound.Ended.WaitAsync(TestWorker.Patience));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Finish_ResetWhileTheApplicationWasBehind_GivesTheWindowBack(bool applicationBreaks)
    {
        await _lab.ConnectAsync();
        for (int round = 0; round < 5; round++) // each holds a stream's window, a quarter of the connection's
        {
            LabStream stream = await _lab.OpenAsync(isCallerFull: true);
            await SendAndEnd(stream.Callee, Bytes(4 * 1024 * 1024, round));
            await _lab.Run(() => _lab.Server.Reset(stream.Inbound.Relay!, Http2ErrorCode.NoError));
            await _lab.Run(() => _lab.Worker.NowMilliseconds); // a turn
            if (applicationBreaks)
            {
                stream.Caller.LingerState = new LingerOption(true, 0);
                stream.Caller.Dispose();
            }
            else
            {
                await _lab.Run(() => stream.Outbound.Relay!.Abort("policy", ResponseFlag.Deny));
            }

            await stream.Outbound.Ended.WaitAsync(TestWorker.Patience);
        }

        LabStream last = await _lab.OpenAsync();
        byte[] down = Bytes(1024 * 1024, 9);
        Task<byte[]> read = LabStream.ReadToEndAsync(last.Caller);
        await SendAndEnd(last.Callee, down);
        AssertSame(down, await read);
    }

    [Fact]
    public async Task Start_FinWasToldBefore_EndsWithoutWaitingForTheDeadline()
    {
        (TcpSocket client, TcpSocket server) = SocketPair.Connect();
        client.Send([22, 3, 1]); // the beginning of a ClientHello, and never more
        client.Dispose();

        await _lab.AcceptLateAsync(server);

        Assert.Equal(TunnelEnd.PeerClosed, await _lab.ServerOwner.Ended.WaitAsync(TestWorker.Patience));
    }

    [Fact]
    public async Task Start_PeerSpeaksNoTls_EndsOnce()
    {
        using TcpSocket peer = await _lab.ConnectAloneAsync(Http2Role.Server);

        peer.Send("GET / HTTP/1.1\r\n\r\n"u8);

        Assert.Equal(TunnelEnd.HandshakeFailed, await _lab.ServerOwner.Ended.WaitAsync(TestWorker.Patience));
        peer.Dispose();
        await _lab.Run(() => _lab.Server.End(TunnelEnd.Aborted, null));
        Assert.Equal(1, _lab.ServerOwner.Ends);
    }

    // Nothing of a finished stream may stay behind: not the stream, not a byte of the shared window.
    private async Task AssertUnusedAsync()
    {
        LabStream again = await _lab.OpenAsync();
        await LabStream.SendAllAsync(again.Caller, [7]);
        Assert.Equal([7], await LabStream.ReadAsync(again.Callee, 1));
        Assert.Equal((1, 1), await _lab.Run(() => (_lab.Client.Core.ActiveStreams, _lab.Server.Core.ActiveStreams)));
    }

    internal static void Break(Socket socket, byte[] last)
    {
        Assert.Equal(last.Length, socket.Send(last));
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    }

    // As telnet does to interrupt; the urgent octet itself is no part of the stream.
    internal static void SendUrgent(Socket socket)
    {
        socket.Send([1, 2]);
        socket.Send([3], SocketFlags.OutOfBand);
        socket.Send([4, 5]);
    }

    private static unsafe void Fill(StreamRelay relay)
    {
        TunnelConnection tunnel = relay.Tunnel;
        while (tunnel.CanSend && Math.Min(tunnel.Core.SendAllowance(relay.Stream), 128 * 1024) is > 0 and int most)
        {
            tunnel.SendData(relay.Stream, tunnel.Proxy.Worker.ReadPointer, most, tunnel.Core.PeerMaxFrameSize);
        }
    }

    private static unsafe void SendByte(TunnelConnection tunnel, Http2Stream stream) =>
        tunnel.SendData(stream, tunnel.Proxy.Worker.ReadPointer, 1, tunnel.Core.PeerMaxFrameSize);

    internal static async Task SendAndEnd(Socket socket, byte[] bytes)
    {
        await LabStream.SendAllAsync(socket, bytes);
        socket.Shutdown(SocketShutdown.Send);
    }

    // Not Assert.Equal, which compares megabytes one boxed byte at a time.
    internal static void AssertSame(byte[] expected, byte[] actual) => Assert.True(
        expected.AsSpan().SequenceEqual(actual), $"{actual.Length} of {expected.Length} bytes, or others");

    internal static byte[] Bytes(int count, int seed)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
