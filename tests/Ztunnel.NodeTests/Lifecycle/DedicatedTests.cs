using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Lifecycle;

/// <summary>One workload, one proxy, in the workload's own namespace; no agent.</summary>
public sealed class DedicatedTests(NodeLab lab) : IClassFixture<NodeLab>
{
    [Fact]
    public async Task Dedicated_WithASharedNode_CallsAndIsCalled()
    {
        Pod alone = lab.AddPod();
        Pod shared = lab.AddPod();
        using ZtunnelProcess node = await lab.Start([shared], Knowing).ReadyAsync();
        using ZtunnelProcess dedicated = lab.Start(alone, [], options => Knowing(options).With(
            ("PROXY_MODE", "dedicated"),
            ("PROXY_WORKLOAD_INFO", $"default/{alone.Name}/{alone.Name}"),
            ("PACKET_MARK", "1337"))); // the redirect in this pod tells the proxy's own traffic by it
        await Patience.UntilAsync(dedicated.IsReadyAsync, "the dedicated proxy to be ready");

        await CallAsync(alone, shared);
        await CallAsync(shared, alone);
        await CallAsync(lab.Outside, alone);
        await CallAsync(alone, lab.Outside);

        await dedicated.Log.WaitForAsync(
            "connection complete", $"src.identity=\"{shared.SpiffeId}\"", "direction=\"inbound\"");
        await node.Log.WaitForAsync(
            "connection complete", $"src.identity=\"{alone.SpiffeId}\"", "direction=\"inbound\"");
        Assert.False((await dedicated.MetricsAsync()).Has("workload_manager_active_proxy_count"));
        dedicated.Signal(System.Runtime.InteropServices.PosixSignal.SIGTERM);
        Assert.Equal(0, await dedicated.ExitAsync());

        ZtunnelOptions Knowing(ZtunnelOptions options) => options with { Mesh = lab.Config(alone, shared) };
    }

    private static async Task CallAsync(Pod from, Pod to)
    {
        using AppServer echo = AppServer.Echo(to);
        await EchoClient.OnceAsync(from, to.V4, echo.Port, 100_000);
        Assert.Equal([from.V4], echo.Callers.Select(caller => caller.Address));
    }
}
