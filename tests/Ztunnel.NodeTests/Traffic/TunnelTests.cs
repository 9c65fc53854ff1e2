using Ztunnel.Lab;
namespace Ztunnel.NodeTests.Traffic;
public class TunnelTests
{
    [Fact]
    public async Task Call_BetweenPodsOfTwoNodes_IsTunnelledWithItsSourceKept()
    {
        await using TwoNodeMesh mesh = await TwoNodeMesh.StartAsync();
        using AppServer echo = AppServer.Echo(mesh.Server);
        await EchoClient.OnceAsync(mesh.Client, mesh.Server.V4, echo.Port);
        await EchoClient.OnceAsync(mesh.Client, mesh.Server.V6, echo.Port, 300000);
        Assert.Equal([mesh.Client.V4, mesh.Client.V6], echo.Callers.Select(c => c.Address));
        MetricsText m = await mesh.ClientProxy.MetricsAsync();
        Assert.Equal(2, m.Sum("istio_tcp_connections_opened_total", ("reporter", "source"), ("connection_security_policy", "mutual_tls")));
    }
}
