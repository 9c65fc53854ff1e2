using System.Net.Sockets;
using Ztunnel.Telemetry;
using Ztunnel.Tests.Linux;
using Ztunnel.Tests.Proxy.Tunnels;

namespace Ztunnel.Tests.Proxy.Relay;

public sealed class SocketRelayTests : IDisposable
{
    private readonly TunnelLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(12 * 1024 * 1024)] // more than sockets hold
    public async Task Run_BothWaysAtOnce_EveryByteArrives(int size)
    {
        LabStream stream = await _lab.OpenPlainAsync();
        byte[] up = TunnelConnectionTests.Bytes(size, 1);
        byte[] down = TunnelConnectionTests.Bytes(size, 2);

        Task<byte[]> atCallee = LabStream.ReadToEndAsync(stream.Callee);
        Task<byte[]> atCaller = LabStream.ReadToEndAsync(stream.Caller);
        await Task.WhenAll(
            TunnelConnectionTests.SendAndEnd(stream.Caller, up), TunnelConnectionTests.SendAndEnd(stream.Callee, down));

        TunnelConnectionTests.AssertSame(up, await atCallee);
        TunnelConnectionTests.AssertSame(down, await atCaller);
        Assert.Equal((null, ResponseFlag.None), await stream.Outbound.Ended.WaitAsync(TestWorker.Patience));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_HalfClosedBeforeTheOtherReads_NothingIsLost(bool callerEnds)
    {
        LabStream stream = await _lab.OpenPlainAsync();
        (Socket first, Socket second) = callerEnds ? (stream.Caller, stream.Callee) : (stream.Callee, stream.Caller);
        byte[] much = TunnelConnectionTests.Bytes(12 * 1024 * 1024, 3);
        Task sending = TunnelConnectionTests.SendAndEnd(first, much);
        await TunnelConnectionTests.SendAndEnd(second, [1, 2, 3]);
        Assert.Equal([1, 2, 3], await LabStream.ReadToEndAsync(first));

        TunnelConnectionTests.AssertSame(much, await LabStream.ReadToEndAsync(second));
        await sending;
        Assert.Null((await stream.Outbound.Ended.WaitAsync(TestWorker.Patience)).Error);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_DataThenReset_DataArrivesFirst(bool callerResets)
    {
        LabStream stream = await _lab.OpenPlainAsync();
        (Socket first, Socket second) = callerResets ? (stream.Caller, stream.Callee) : (stream.Callee, stream.Caller);
        byte[] data = TunnelConnectionTests.Bytes(8_000, 4);

        await _lab.Run(() => TunnelConnectionTests.Break(first, data)); // the worker sees both at once

        Assert.Equal(data, await LabStream.ReadAsync(second, data.Length));
        await Assert.ThrowsAsync<SocketException>(() => LabStream.ReadToEndAsync(second));
        Assert.Equal((null, ResponseFlag.None), await stream.Outbound.Ended.WaitAsync(TestWorker.Patience));
        Assert.Equal(1, stream.Outbound.Ends);
    }

    [Fact]
    public async Task Run_UrgentData_WhatFollowsArrives()
    {
        LabStream stream = await _lab.OpenPlainAsync();

        await _lab.Run(() => TunnelConnectionTests.SendUrgent(stream.Caller));

        Assert.Equal([1, 2, 4, 5], await LabStream.ReadAsync(stream.Callee, 4));
    }
}
