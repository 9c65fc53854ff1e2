using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Telemetry;

/// <summary>Series of pods that are no more.</summary>
public sealed class EvictionTests(NodeLab lab) : IClassFixture<NodeLab>
{
    [Fact]
    public async Task Series_OfADeletedPod_GoAfterTheGraceAndOthersStay()
    {
        Pod leaving = lab.AddPod();
        Pod staying = lab.AddPod();
        Pod server = lab.AddPod();
        using ZtunnelProcess proxy = await lab
            .Start([leaving, staying, server], options => options.With(("ZTUNNEL_METRICS_GRACE", "1s"))).ReadyAsync();
        using AppServer echo = AppServer.Echo(server);
        await EchoClient.OnceAsync(leaving, server.V4, echo.Port);
        await EchoClient.OnceAsync(staying, server.V4, echo.Port);
        Assert.True(Opened(await proxy.MetricsAsync(), leaving) >= 1);

        Assert.Equal("", proxy.Zds.Delete(leaving));
        lab.ControlPlane.Apply(lab.Config(staying, server));

        await proxy.WaitForMetricsAsync(
            metrics => !metrics.Text.Contains($"\"{leaving.Name}\"", StringComparison.Ordinal),
            "the pod's series to be gone");
        Assert.True(Opened(await proxy.MetricsAsync(), staying) >= 1);
    }

    private static double Opened(MetricsText metrics, Pod pod) =>
        metrics.Sum("istio_tcp_connections_opened_total", ("source_workload", pod.Name));
}
