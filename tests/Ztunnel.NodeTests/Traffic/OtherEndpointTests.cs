using System.Net;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Traffic;

/// <summary>A service of which one endpoint is down: the mesh says that it is healthy, and nobody listens there.</summary>
public sealed class OtherEndpointTests
{
    private const string Vip = "10.96.0.20";
    private const int Calls = 40; // at random, each endpoint is chosen first by some

    [Fact]
    public async Task Calls_OneEndpointDown_AllArriveAndItIsAvoided()
    {
        await using TwoNodeMesh mesh = await StartAsync([("RUST_LOG", "info,ztunnel::proxy=debug")]);
        using AppServer echo = AppServer.Echo(mesh.Server, TrafficMesh.EchoPort);

        for (int call = 0; call < Calls; call++)
        {
            await EchoClient.OnceAsync(mesh.Client, IPAddress.Parse(Vip), TrafficMesh.ServicePort);
        }

        await mesh.ClientProxy.Log.WaitForAsync(
            "\tdebug\t", $"endpoint {mesh.Outside.V4}:15008 did not take a connection, trying {mesh.Server.V4}:15008: ");
        MetricsText metrics = await mesh.ClientProxy.MetricsAsync();
        double retries = metrics.Sum("ztunnel_endpoint_retries_total");
        Assert.InRange(retries, 1, 4); // two workers, and the first pause of each may have passed once
        Assert.True(metrics.Sum("ztunnel_endpoints_avoided") >= 1);
        Assert.Equal(Calls, metrics.Sum("istio_tcp_connections_opened_total", ("reporter", "source")));
        Assert.Equal(0, metrics.Sum("istio_tcp_connections_failed_total", ("reporter", "source")));
    }

    [Fact]
    public async Task Calls_BothSwitchedOff_SomeFailAndNothingElseIsTried()
    {
        await using TwoNodeMesh mesh = await StartAsync(
            [("ZTUNNEL_CONNECT_RETRIES", "0"), ("ZTUNNEL_ENDPOINT_AVOIDANCE", "false")]);
        using AppServer echo = AppServer.Echo(mesh.Server, TrafficMesh.EchoPort);

        for (int call = 0; call < Calls; call++)
        {
            using EchoClient client = await EchoClient.ConnectAsync(
                mesh.Client, IPAddress.Parse(Vip), TrafficMesh.ServicePort);
            client.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
            await Patience.ForAsync(Apps.ReadToEndAsync(client.Socket), "its end");
        }

        await mesh.ClientProxy.Log.WaitForAsync("connection complete", "dst.workload=\"outside\"", "Connection refused");
        MetricsText metrics = await mesh.ClientProxy.MetricsAsync();
        Assert.Equal(0, metrics.Sum("ztunnel_endpoint_retries_total"));
        Assert.Equal(0, metrics.Sum("ztunnel_endpoints_avoided"));
        double failed = metrics.Sum("istio_tcp_connections_failed_total", ("reporter", "source"));
        Assert.Equal(Calls, failed + echo.Callers.Count);
        Assert.InRange(failed, 1, Calls - 1);
    }

    private static Task<TwoNodeMesh> StartAsync((string Name, string Value)[] settings)
    {
        Dictionary<string, Dictionary<int, int>> serves = new()
        {
            ["default/spread.default.svc.cluster.local"] = new() { [TrafficMesh.ServicePort] = TrafficMesh.EchoPort },
        };
        return TwoNodeMesh.StartAsync(new TwoNodeMeshOptions
        {
            Config = mesh => new MeshConfig()
                .Add(mesh.Client)
                .Add(mesh.Server, serves)
                .Add(mesh.Outside, serves, static workload => workload["protocol"] = "HBONE") // it has no proxy
                .AddService("spread", [Vip], new() { [TrafficMesh.ServicePort] = TrafficMesh.EchoPort }),
            Environment = settings.ToDictionary(setting => setting.Name, setting => (string?)setting.Value),
        });
    }
}
