using Ztunnel.Lab;

namespace Ztunnel.NodeTests.InPod;

/// <summary>Pods come and go over ZDS, as an agent in good order tells it.</summary>
public sealed class SnapshotTests(NodeLab lab) : IClassFixture<NodeLab>
{
    [Fact]
    public async Task Snapshot_Complete_MakesTheNodeReadyAndNotBefore()
    {
        Pod pod = lab.AddPod();
        using ZtunnelProcess proxy = lab.Start([pod], options => options with { SendsSnapshot = false });
        using ZdsConnection agent = await proxy.Zds.NextConnectionAsync();

        Assert.Equal(Ztunnel.Protos.Zds.Version.V1, agent.Hello().Version);
        Assert.Equal("", agent.Add(pod));
        await lab.AssertServedAsync(pod);
        Assert.Equal("not ready, pending: workload proxy manager\n", await proxy.ReadinessAsync());

        Assert.Equal("", agent.EndSnapshot());
        await ReadyAsync(proxy);
        Assert.Equal("ready\n", await proxy.ReadinessAsync());
        await lab.AssertServedAsync(pod);
    }

    [Fact]
    public async Task Add_TwiceWithTheSameNamespace_IsOneProxy()
    {
        Pod pod = lab.AddPod();
        using ZtunnelProcess proxy = await lab.Start([pod]).ReadyAsync();
        using AppServer echo = AppServer.Echo(pod);
        using EchoClient client = await EchoClient.ConnectAsync(lab.Outside, pod.V4, echo.Port);
        await client.ExchangeAsync();

        Assert.Equal("", proxy.Zds.Current.Add(pod));

        await client.ExchangeAsync();
        MetricsText metrics = await proxy.MetricsAsync();
        Assert.Equal(1, metrics.Sum("workload_manager_active_proxy_count"));
        Assert.Equal(1, metrics.Sum("workload_manager_proxies_started_total"));
    }

    [Fact]
    public async Task Add_WithAnotherNamespace_MovesTheProxy()
    {
        Pod old = lab.AddPod();
        Pod renewed = lab.AddPod();
        using ZtunnelProcess proxy = await lab.Start([old], options => options with
        {
            Mesh = lab.Config(old, renewed),
        }).ReadyAsync();
        await lab.AssertServedAsync(old);

        using (Microsoft.Win32.SafeHandles.SafeFileHandle other = File.OpenHandle(renewed.NetnsPath))
        {
            Assert.Equal("", proxy.Zds.Current.Add(old, other));
        }

        await lab.AssertServedAsync(renewed);
        await proxy.WaitForMetricsAsync(
            metrics => metrics.Sum("workload_manager_active_proxy_count") == 1
                && metrics.Sum("workload_manager_proxies_stopped_total") == 1,
            "the old proxy to be gone");
        await lab.AssertNotServedAsync(old);
    }

    [Fact]
    public async Task Delete_OfAServedPod_EndsItsConnectionsAndItCanComeAgain()
    {
        Pod pod = lab.AddPod();
        using ZtunnelProcess proxy = await lab.Start([pod]).ReadyAsync();
        using AppServer echo = AppServer.Echo(pod);
        using EchoClient client = await EchoClient.ConnectAsync(lab.Outside, pod.V4, echo.Port);
        await client.ExchangeAsync();

        Assert.Equal("", proxy.Zds.Delete(pod));

        await Patience.ForAsync(Apps.ReadToEndAsync(client.Socket), "the connection to be closed");
        await proxy.WaitForMetricsAsync(metrics => metrics.Sum("workload_manager_active_proxy_count") == 0, "no proxy");
        await lab.AssertNotServedAsync(pod);
        Assert.Equal("", proxy.Zds.Delete(pod)); // unknown by now: nothing to do
        Assert.Equal("", proxy.Zds.Add(pod));
        await lab.AssertServedAsync(pod);
        Assert.Equal("ready\n", await proxy.ReadinessAsync());
    }

    [Fact]
    public async Task Restart_OfTheAgentWithKeep_LeavesConnectionsAlone()
    {
        Pod pod = lab.AddPod();
        using ZtunnelProcess proxy = await lab.Start([pod]).ReadyAsync();
        using AppServer echo = AppServer.Echo(pod);
        using EchoClient client = await EchoClient.ConnectAsync(lab.Outside, pod.V4, echo.Port);
        await client.ExchangeAsync();

        await proxy.Zds.NextConnectionAsync(); // the one there is
        proxy.Zds.Answers = false;
        proxy.Zds.Current.Disconnect();
        using ZdsConnection agent = await proxy.Zds.NextConnectionAsync();
        agent.Hello();
        await Patience.UntilAsync(async () => !await proxy.IsReadyAsync(), "the node not to be ready");
        await client.ExchangeAsync();
        Assert.Equal("", agent.Keep(pod.ZdsUid));
        Assert.Equal("", agent.Keep(Guid.NewGuid().ToString())); // of nobody: makes nothing
        Assert.Equal("", agent.EndSnapshot());

        await ReadyAsync(proxy);
        await client.ExchangeAsync();
        Assert.Equal(1, (await proxy.MetricsAsync()).Sum("workload_manager_proxies_started_total"));
    }

    [Fact]
    public async Task Restart_OfTheAgentWithoutThePod_StopsIt()
    {
        Pod gone = lab.AddPod();
        Pod deleted = lab.AddPod();
        using ZtunnelProcess proxy = await lab.Start([gone, deleted]).ReadyAsync();

        await proxy.Zds.NextConnectionAsync(); // the one there is
        proxy.Zds.Answers = false;
        proxy.Zds.Current.Disconnect();
        using ZdsConnection agent = await proxy.Zds.NextConnectionAsync();
        agent.Hello();
        Assert.Equal("", agent.Add(deleted));
        Assert.Equal("", agent.Delete(deleted.ZdsUid));
        await lab.AssertServedAsync(deleted); // not stopped before the snapshot is complete
        Assert.Equal("", agent.EndSnapshot());

        await proxy.WaitForMetricsAsync(metrics => metrics.Sum("workload_manager_active_proxy_count") == 0, "no proxy");
        await lab.AssertNotServedAsync(gone);
        await lab.AssertNotServedAsync(deleted);
    }

    [Fact]
    public async Task Namespace_NameDeletedUnderARunningPod_GoesOn()
    {
        Pod pod = lab.AddPod();
        using ZtunnelProcess proxy = await lab.Start([pod]).ReadyAsync();
        using AppServer echo = AppServer.Echo(pod);
        using EchoClient client = await EchoClient.ConnectAsync(lab.Outside, pod.V4, echo.Port);
        await client.ExchangeAsync();
        int before = ProcessUsage.Namespaces(proxy.Id);

        lab.Network.RemoveName(pod);

        await client.ExchangeAsync();
        await lab.AssertServedAsync(pod);
        Assert.Equal("", proxy.Zds.Delete(pod));
        await Patience.ForAsync(Apps.ReadToEndAsync(client.Socket), "the connection to be closed");
        await Patience.UntilAsync(() => ProcessUsage.Namespaces(proxy.Id) < before, "the namespace to be let go");
    }

    internal static Task ReadyAsync(ZtunnelProcess proxy) => Patience.UntilAsync(
        proxy.IsReadyAsync, "the node to be ready");
}
