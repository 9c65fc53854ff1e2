using System.Net.Sockets;
using Ztunnel.Config;
using Ztunnel.Hbone;
using Ztunnel.Proxy.Tunnels;
using Ztunnel.Tests.Linux;
using Ztunnel.Tests.Proxy.Tunnels;

namespace Ztunnel.Tests.Proxy.Outbound;

/// <summary>A service on another network: through its gateway, in a tunnel inside a tunnel.</summary>
public sealed class DoubleTunnelTests : IAsyncDisposable
{
    private const string Baggage = "k8s.cluster.name=c2,k8s.namespace.name=there,k8s.deployment.name=remote-v1,"
        + "service.name=remote,service.version=v7,cloud.region=r,cloud.availability_zone=z";

    private readonly OutboundLab _lab = new(isHbone: true, config => config with
    {
        Instance = new InstanceOptions { Network = "near" },
    });

    private readonly TaskCompletionSource<Socket> _callee = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TunnelProbe _peer = new();

    public DoubleTunnelTests() => _peer.Requested = (tunnel, stream, _) =>
        _callee.SetResult(_lab.Connect(tunnel, stream, Baggage));

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task Call_OtherNetwork_ArrivesAndIsReportedAsThePeerSaysItself()
    {
        _lab.MoveAway("remote");
        TunnelProbe gateway = await _lab.ServeGatewayAsync(OutboundLab.First, "remote", _peer);

        using Socket caller = await _lab.CallAsync();
        using Socket callee = await _callee.Task.WaitAsync(TestWorker.Patience);
        await ExchangeAsync(caller, callee);

        Assert.Equal(("web.svc:80", null), (gateway.LastRequest!.Authority, gateway.LastRequest.ForwardedNetwork));
        Assert.Equal(("web.svc:80", "near"), (_peer.LastRequest!.Authority, _peer.LastRequest.ForwardedNetwork));
        Assert.Equal(gateway.LastRequest.TraceParent, _peer.LastRequest.TraceParent);
        string line = await _lab.LineAsync("connection complete", "direction=\"outbound\"");
        foreach (string part in new[]
        {
            $"dst.addr=127.0.0.2:{_lab.Port} ", "dst.hbone_addr=web.svc:80 ", "dst.service=\"web.svc\"",
            "dst.workload=\"remote-v1\"", "dst.namespace=\"there\"", "dst.cluster=\"c2\"",
            "dst.identity=\"spiffe://cluster.local/ns/shop/sa/remote\"", "bytes_sent=2 ", "bytes_recv=3 ",
        })
        {
            Assert.Contains(part, line, StringComparison.Ordinal);
        }

        Assert.Contains(
            "destination_app=\"remote-v1\",destination_version=\"v7\"", await _lab.ScrapeAsync(), StringComparison.Ordinal);
        await AssertOnlyOuterLeftAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100 * 1024)]
    [InlineData(20 * 1024 * 1024)] // more than all windows
    public async Task Call_BothWaysAtOnce_EveryByteArrives(int size)
    {
        (Socket caller, Socket callee) = await ConnectAsync();
        byte[] up = Bytes(size, 1);
        byte[] down = Bytes(size, 2);

        Task<byte[]> atCallee = LabStream.ReadToEndAsync(callee);
        Task<byte[]> atCaller = LabStream.ReadToEndAsync(caller);
        await Task.WhenAll(SendAndEndAsync(caller, up), SendAndEndAsync(callee, down));

        AssertSame(up, await atCallee);
        AssertSame(down, await atCaller);
        await AssertOnlyOuterLeftAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_HalfClosed_OtherDirectionGoesOn(bool callerEnds)
    {
        (Socket caller, Socket callee) = await ConnectAsync();
        (Socket first, Socket second) = callerEnds ? (caller, callee) : (callee, caller);
        await SendAndEndAsync(first, [1, 2, 3]);
        Assert.Equal([1, 2, 3], await LabStream.ReadToEndAsync(second));

        byte[] answer = Bytes(1024 * 1024, 3);
        Task<byte[]> read = LabStream.ReadToEndAsync(first);
        await SendAndEndAsync(second, answer);

        AssertSame(answer, await read);
        await AssertOnlyOuterLeftAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_ReceiverDoesNotRead_SenderIsStoppedAndNothingIsLost(bool callerSends)
    {
        (Socket caller, Socket callee) = await ConnectAsync();
        (Socket sender, Socket receiver) = callerSends ? (caller, callee) : (callee, caller);
        byte[] block = Bytes(64 * 1024, 4);
        long sent = 0;
        long deadline = Environment.TickCount64 + (long)TestWorker.Patience.TotalMilliseconds;
        for (long idleSince = Environment.TickCount64; Environment.TickCount64 - idleSince < 300;)
        {
            Assert.True(Environment.TickCount64 < deadline && sent < 64 * 1024 * 1024, "nobody stops the sender");
            int count = sender.Send(block.AsSpan((int)(sent % block.Length)), SocketFlags.None, out SocketError error);
            Assert.True(error is SocketError.Success or SocketError.WouldBlock, $"{error}");
            sent += error == SocketError.Success ? count : 0;
            idleSince = count > 0 && error == SocketError.Success ? Environment.TickCount64 : idleSince;
        }

        sender.Shutdown(SocketShutdown.Send);
        byte[] got = await LabStream.ReadToEndAsync(receiver);

        Assert.Equal(sent, got.Length);
        for (int at = 0; at < got.Length; at += block.Length)
        {
            int length = Math.Min(block.Length, got.Length - at);
            Assert.True(got.AsSpan(at, length).SequenceEqual(block.AsSpan(0, length)));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_ResetByOneSide_IsAResetForTheOther(bool callerResets)
    {
        (Socket caller, Socket callee) = await ConnectAsync();
        (Socket first, Socket second) = callerResets ? (caller, callee) : (callee, caller);

        first.LingerState = new LingerOption(true, 0);
        first.Dispose();

        SocketException reset = await Assert.ThrowsAsync<SocketException>(() => LabStream.ReadToEndAsync(second));
        Assert.Equal(SocketError.ConnectionReset, reset.SocketErrorCode);
        await AssertOnlyOuterLeftAsync();
    }

    [Theory]
    [InlineData("impostor", "remote")]
    [InlineData("remote")] // nobody is expected: nobody is good
    public async Task Call_PeerIsNotOfTheService_IsRefused(string identity, params string[] sans)
    {
        _lab.MoveAway(sans);
        await _lab.ServeGatewayAsync(OutboundLab.First, identity, _peer);

        using Socket caller = await _lab.CallAsync();

        Assert.Empty(await LabStream.ReadToEndAsync(caller));
        string line = await _lab.LineAsync(
            "connection complete", "identity verification error: peer did not present the expected SAN");
        Assert.Contains("dst.workload=\"gateway\"", line, StringComparison.Ordinal);
        Assert.False(_callee.Task.IsCompleted);
        await AssertOnlyOuterLeftAsync();
    }

    [Theory]
    [InlineData(503)]
    [InlineData(401)]
    public async Task Call_PeerAnswersNo_IsClosedWithItsStatus(int status)
    {
        _lab.MoveAway("remote");
        _peer.Requested = (tunnel, stream, _) =>
        {
            tunnel.Core.Respond(stream, status, baggage: null, endStream: true);
            tunnel.OnOutput();
        };
        await _lab.ServeGatewayAsync(OutboundLab.First, "remote", _peer);

        using Socket caller = await _lab.CallAsync();

        Assert.Empty(await LabStream.ReadToEndAsync(caller));
        await _lab.LineAsync("connection complete", $"error=\"http status: {status} ");
        await AssertOnlyOuterLeftAsync();
    }

    [Fact]
    public async Task Call_GatewayIsDown_IsClosedAndCountedOnce()
    {
        _lab.MoveAway("remote");

        using Socket caller = await _lab.CallAsync();

        Assert.Empty(await LabStream.ReadToEndAsync(caller));
        await _lab.LineAsync("connection complete", "dst.workload=\"gateway\"", "Connection refused");
    }

    [Fact]
    public async Task Calls_Two_ShareTheOuterTunnelAndNotTheInner()
    {
        _lab.MoveAway("remote");
        TunnelProbe gateway = await _lab.ServeGatewayAsync(OutboundLab.First, "remote", _peer);
        List<Socket> callees = [];
        _peer.Requested = (tunnel, stream, _) => callees.Add(_lab.Connect(tunnel, stream, Baggage));

        Socket[] callers = [await _lab.CallAsync(), await _lab.CallAsync(), await _lab.CallAsync()];
        await _lab.UntilAsync(() => callees.Count == callers.Length);

        await gateway.Established.WaitAsync(TestWorker.Patience);
        await _lab.UntilAsync(() => _lab.OpenTunnels == 2 + (2 * callers.Length));
    }

    [Theory]
    [InlineData("gateway")]
    [InlineData("remote")]
    public async Task Call_EitherPeerIsRevoked_EndsWithTheReasonAndNoneFollows(string revoked)
    {
        (Socket caller, Socket callee) = await ConnectAsync();
        await LabStream.SendAllAsync(caller, [1]);
        Assert.Equal([1], await LabStream.ReadAsync(callee, 1));

        await _lab.RevokeAsync(revoked);

        await Assert.ThrowsAsync<SocketException>(() => LabStream.ReadToEndAsync(caller));
        await _lab.LineAsync("connection complete", "error=\"connection closed: peer certificate revoked by CRL\"");
        Assert.Contains("response_flags=\"CERT_REVOKED\"", await _lab.ScrapeAsync(), StringComparison.Ordinal);
        using Socket again = await _lab.CallAsync();
        Assert.Empty(await LabStream.ReadToEndAsync(again));
        await _lab.LineAsync(
            "connection complete", "error=\"io error: invalid peer: invalid peer certificate: certificate revoked\"");
        Assert.Contains(
            "istio_crl_policy_rejections_total{reporter=\"source\"} 2\n",
            await _lab.ScrapeAsync(),
            StringComparison.Ordinal);
    }

    private static byte[] Bytes(int count, int seed)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static void AssertSame(byte[] expected, byte[] actual) => // without the text of megabytes
        Assert.True(expected.AsSpan().SequenceEqual(actual), $"{actual.Length} of {expected.Length} bytes, or others");

    private static async Task SendAndEndAsync(Socket socket, byte[] bytes)
    {
        await LabStream.SendAllAsync(socket, bytes);
        socket.Shutdown(SocketShutdown.Send);
    }

    private static async Task ExchangeAsync(Socket caller, Socket callee)
    {
        await SendAndEndAsync(caller, [1, 2]);
        Assert.Equal([1, 2], await LabStream.ReadToEndAsync(callee));
        await SendAndEndAsync(callee, [3, 4, 5]);
        Assert.Equal([3, 4, 5], await LabStream.ReadToEndAsync(caller));
    }

    private async Task<(Socket Caller, Socket Callee)> ConnectAsync()
    {
        _lab.MoveAway("remote");
        await _lab.ServeGatewayAsync(OutboundLab.First, "remote", _peer);
        Socket caller = await _lab.CallAsync();
        return (caller, await _callee.Task.WaitAsync(TestWorker.Patience));
    }

    // Both ends of the outer tunnel stay for the next call; everything inside it is gone.
    private Task AssertOnlyOuterLeftAsync() => _lab.UntilAsync(() => (_lab.OpenTunnels, _lab.OpenStreams) == (2, 0));
}
