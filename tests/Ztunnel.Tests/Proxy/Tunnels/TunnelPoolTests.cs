using Ztunnel.Linux;
using Ztunnel.Proxy.Tunnels;
using Ztunnel.Telemetry;
using Ztunnel.Tests.Linux;

namespace Ztunnel.Tests.Proxy.Tunnels;

public sealed class TunnelPoolTests : IAsyncLifetime
{
    private readonly PoolLab _lab = new();

    public Task InitializeAsync() => _lab.PrepareAsync();

    public async Task DisposeAsync() => await _lab.DisposeAsync();

    [Fact]
    public async Task Request_NobodyListens_AllHearOfTheOneFailureOnceAndNothingStays()
    {
        TcpSocket gone = TcpSocket.Listen(new InetEndpoint(InetAddress.LoopbackV4, 0), 1, _ => { });
        InetEndpoint target = gone.LocalEndpoint();
        gone.Dispose();

        WaiterProbe[] waiters = await _lab.AskAsync(5, target);

        foreach (WaiterProbe waiter in waiters)
        {
            (TunnelConnection? tunnel, string? error, ResponseFlag flag) = await waiter.Told.WaitAsync(TestWorker.Patience);
            Assert.Null(tunnel);
            Assert.Equal(("io error: Connection refused (os error 111)", ResponseFlag.Connect), (error, flag));
        }

        await _lab.UntilEmptyAsync();
        Assert.All(waiters, waiter => Assert.Equal(1, waiter.Answers));
    }

    [Fact]
    public async Task Request_SeveralAtOnce_ShareOneTunnelAndLaterOnesToo()
    {
        WaiterProbe[] waiters = await _lab.AskAsync(5);
        TunnelProbe server = await _lab.ServeAsync();
        (TunnelConnection? Tunnel, string? Error, ResponseFlag Flag)[] told =
            await Task.WhenAll(waiters.Select(waiter => waiter.Told)).WaitAsync(TestWorker.Patience);
        await server.Established.WaitAsync(TestWorker.Patience);

        WaiterProbe[] later = await _lab.AskAsync(1);

        Assert.Single(told.Select(answer => answer.Tunnel).Append((await later[0].Told).Tunnel).Distinct());
        Assert.NotNull(told[0].Tunnel);
        Assert.All(waiters, waiter => Assert.Equal(1, waiter.Answers));
    }

    [Fact]
    public async Task Request_GivenUpMeanwhile_IsNotTold()
    {
        WaiterProbe[] waiters = await _lab.AskAsync(2);
        waiters[0].HasGivenUp = true;
        await _lab.ServeAsync();

        Assert.NotNull((await waiters[1].Told.WaitAsync(TestWorker.Patience)).Tunnel);
        Assert.Equal(0, waiters[0].Answers);
    }

    [Fact]
    public async Task Request_PeerIsSomebodyElse_FailsAndIsNeverUsed()
    {
        WaiterProbe waiter = new();
        PoolKey key = new(PoolLab.Client, [PoolLab.Client], _lab.Endpoint, InetAddress.LoopbackV4);
        await _lab.Run(() => _lab.Pool.Request(key, waiter));
        await _lab.ServeAsync();

        (TunnelConnection? tunnel, string? error, ResponseFlag flag) = await waiter.Told.WaitAsync(TestWorker.Patience);

        Assert.Equal((null, ResponseFlag.Connect), (tunnel, flag));
        Assert.Contains("peer did not present the expected SAN", error, StringComparison.Ordinal);
        await _lab.UntilEmptyAsync();
    }

    [Fact]
    public async Task Abort_WhileAConnectIsOnItsWay_LeavesNoTunnelBehind()
    {
        WaiterProbe waiter = new();
        await _lab.Run(() =>
        {
            _lab.Pool.Request(_lab.Key(), waiter);
            _lab.Pool.Abort(); // nothing cancels the connect: it comes up after this
        });

        Assert.Equal("pool draining", (await waiter.Told.WaitAsync(TestWorker.Patience)).Error);
        await _lab.UntilEmptyAsync();
        using TcpSocket peer = _lab.Accept();
        Assert.Equal(0, peer.ReceiveSoon(new byte[1]).Count); // closed, without a ClientHello
        Assert.Equal(1, waiter.Answers);
    }

    [Fact]
    public async Task Drain_IdleTunnel_ClosesInOrderAndTheEntryGoes()
    {
        WaiterProbe[] waiters = await _lab.AskAsync(1);
        TunnelProbe server = await _lab.ServeAsync();
        await waiters[0].Told.WaitAsync(TestWorker.Patience);

        await _lab.Run(_lab.Pod.Drain);

        Assert.Equal(TunnelEnd.PeerClosed, await server.Ended.WaitAsync(TestWorker.Patience));
        await _lab.UntilEmptyAsync();
        await _lab.Pod.Empty.WaitAsync(TestWorker.Patience);
    }

    [Fact]
    public async Task OnEnded_TunnelLost_NextRequestOpensAnother()
    {
        WaiterProbe[] waiters = await _lab.AskAsync(1);
        await _lab.ServeAsync();
        TunnelConnection first = (await waiters[0].Told.WaitAsync(TestWorker.Patience)).Tunnel!;
        await _lab.Run(() => first.End(TunnelEnd.IoError, "test"));
        await _lab.UntilEmptyAsync();

        WaiterProbe[] again = await _lab.AskAsync(1);
        await _lab.ServeAsync();

        Assert.NotSame(first, (await again[0].Told.WaitAsync(TestWorker.Patience)).Tunnel);
    }
}
