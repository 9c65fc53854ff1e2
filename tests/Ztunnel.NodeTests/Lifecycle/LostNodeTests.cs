using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Lifecycle;

/// <summary>The other node's proxy dies without a word.</summary>
public sealed class LostNodeTests(NodeLab lab) : IClassFixture<NodeLab>
{
    [Fact]
    public async Task Peer_Killed_EndsItsConnectionsAndItsSuccessorServes()
    {
        Pod client = lab.AddPod();
        Pod server = lab.AddPod();
        using ZtunnelProcess caller = await lab.Start([client], Knowing).ReadyAsync();
        using ZtunnelProcess first = await lab.Start([server], Knowing).ReadyAsync();
        using AppServer echo = AppServer.Echo(server);
        using EchoClient broken = await EchoClient.ConnectAsync(client, server.V4, echo.Port);
        await broken.ExchangeAsync();

        first.Kill();

        await Patience.ForAsync(Apps.ReadToEndAsync(broken.Socket), "the connection to end");
        using ZtunnelProcess second = await lab.Start([server], Knowing).ReadyAsync();
        await EchoClient.OnceAsync(client, server.V4, echo.Port);

        ZtunnelOptions Knowing(ZtunnelOptions options) => options with { Mesh = lab.Config(client, server) };
    }
}
