using System.Runtime.InteropServices;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.ControlPlane;

/// <summary>Starts while the control plane is away or talks nonsense, and a token that expires.</summary>
public sealed class StartTests(NodeLab lab) : IClassFixture<NodeLab>
{
    private const string NoConnection = "XDS client connection error";

    [Fact]
    public async Task Start_WithTheControlPlaneDown_WaitsUnreadyAndServesWhenItComes()
    {
        Pod pod = lab.AddPod();
        await lab.ControlPlane.StopAsync();
        using ZtunnelProcess proxy = lab.Start([pod]);
        await proxy.Log.WaitForAsync(NoConnection);
        await AssertUnreadyAsync(proxy);

        await lab.ControlPlane.StartAgainAsync();

        await proxy.ReadyAsync();
        await lab.AssertServedAsync(pod);
    }

    [Fact]
    public async Task Start_WithTheControlPlaneDown_EndsInGoodOrderWhenTold()
    {
        await lab.ControlPlane.StopAsync();
        using ZtunnelProcess proxy = lab.Start([lab.AddPod()]);
        await proxy.Log.WaitForAsync(NoConnection);
        await AssertUnreadyAsync(proxy);

        proxy.Signal(PosixSignal.SIGTERM);

        Assert.Equal(0, await proxy.ExitAsync());
        await proxy.Log.WaitForAsync("shutdown complete");
        await lab.ControlPlane.StartAgainAsync();
    }

    [Fact]
    public async Task Drain_WithTheControlPlaneGone_LetsConnectionsFinish()
    {
        (Pod client, Pod server) = (lab.AddPod(), lab.AddPod());
        using ZtunnelProcess proxy = await lab.Start([client, server]).ReadyAsync();
        using AppServer echo = AppServer.Echo(server);
        using EchoClient open = await EchoClient.ConnectAsync(client, server.V4, echo.Port);
        await open.ExchangeAsync();

        await lab.ControlPlane.StopAsync();
        await proxy.Log.WaitForAsync("XDS client");
        proxy.Signal(PosixSignal.SIGTERM);
        await Patience.UntilAsync(async () => !await proxy.IsReadyAsync(), "the drain to begin");
        await open.ExchangeAsync();
        open.Dispose();

        Assert.Equal(0, await proxy.ExitAsync());
        await lab.ControlPlane.StartAgainAsync();
    }

    [Fact]
    public async Task Start_WithoutAnAnswerToTheFirstRequest_WaitsUnready()
    {
        Pod pod = lab.AddPod();
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using IDisposable silent = lab.ControlPlane.Inject(new DelayPushes(() => gate.Task));
        using ZtunnelProcess proxy = lab.Start([pod]);
        await lab.ControlPlane.UntilAsync(() => lab.ControlPlane.OpenStreams > 0, "the proxy to ask");
        await AssertUnreadyAsync(proxy);

        gate.SetResult();

        await proxy.ReadyAsync();
        await lab.AssertServedAsync(pod);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Start_WithADamagedResourceAmongTheFirst_IsReadyNevertheless(bool isTruncated)
    {
        Pod pod = lab.AddPod();
        MeshResource good = lab.Config(pod).ToResources().First();
        MeshResource bad = (isTruncated ? good.Truncated() : good.WithoutPayload()) with { Name = "bad/bad" };
        lab.ControlPlane.Apply(lab.Config(pod));
        lab.ControlPlane.Set(bad);

        using ZtunnelProcess proxy = await lab.Start([pod], options => options with { Mesh = null }).ReadyAsync();

        await lab.AssertServedAsync(pod);
        await lab.ControlPlane.WaitForAnswersAsync();
        Assert.Contains(
            lab.ControlPlane.Nacks, nack => nack.Error!.StartsWith("bad/bad: ", StringComparison.Ordinal));
        lab.ControlPlane.Remove(ResourceType.Address, "bad/bad");
    }

    [Fact]
    public async Task Token_ThatExpired_IsReadAgainForTheNextStream()
    {
        Pod pod = lab.AddPod();
        string file = Path.Combine(lab.Network.Folder, Guid.NewGuid().ToString("N"));
        await File.WriteAllTextAsync(file, "first\n");
        using ZtunnelProcess proxy = await lab.Start([pod], options => options.With(("AUTH_TOKEN", file))).ReadyAsync();
        RequireToken second = new("second");
        using IDisposable required = lab.ControlPlane.Inject(second);

        lab.ControlPlane.EndStreams();
        await Patience.UntilAsync(() => second.Refused > 1, "the old token to be refused");
        await lab.AssertServedAsync(pod);
        Assert.True(await proxy.IsReadyAsync());
        await File.WriteAllTextAsync(file, "second\n");
        await lab.ControlPlane.WaitForAckAsync();

        await lab.AssertServedAsync(pod);
    }

    private static async Task AssertUnreadyAsync(ZtunnelProcess proxy)
    {
        Assert.False(await proxy.IsReadyAsync());
        Assert.Contains("state manager", await proxy.ReadinessAsync(), StringComparison.Ordinal);
    }
}
