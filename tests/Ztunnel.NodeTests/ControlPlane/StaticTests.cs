using System.Net.Sockets;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.ControlPlane;

/// <summary>A static document in place of discovery: served from the start, read again when replaced.</summary>
public sealed class StaticTests(StaticMesh mesh) : IClassFixture<StaticMesh>, IAsyncLifetime
{
    private readonly AppServer _echo = AppServer.Echo(mesh.Server);

    private ZtunnelProcess ServerProxy => mesh.Mesh.ServerProxy;

    public async Task InitializeAsync()
    {
        await mesh.Mesh.RewriteAsync(mesh.Mesh.Config()); // whatever the test before left
        await Patience.UntilAsync(() => IsServedAsync(mesh.Client), "the client to be served");
    }

    public Task DisposeAsync()
    {
        _echo.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Document_WithAPolicyMore_IsInForceForOpenAndNewConnections()
    {
        using EchoClient denied = await EchoClient.ConnectAsync(mesh.Client, mesh.Server.V4, _echo.Port);
        await denied.ExchangeAsync();

        await mesh.Mesh.RewriteAsync(mesh.Mesh.Config().Deny(mesh.Client));

        await Patience.ForAsync(Apps.ReadToEndAsync(denied.Socket), "the open connection to be closed");
        Assert.False(await IsServedAsync(mesh.Client));
        Assert.True(await IsServedAsync(mesh.Outside));
    }

    [Fact]
    public async Task Document_ThatBecameUnreadable_LeavesThePoliciesInForce()
    {
        await mesh.Mesh.RewriteAsync(mesh.Mesh.Config().RequireMutualTls());
        await Patience.UntilAsync(async () => !await IsServedAsync(mesh.Outside), "the outside pod to be refused");
        using EchoClient client = await EchoClient.ConnectAsync(mesh.Client, mesh.Server.V4, _echo.Port);
        await client.ExchangeAsync();

        ServerProxy.WriteConfig("workloads: [{name: 7");

        await ServerProxy.Log.WaitForAsync("\terror\t", ServerProxy.ConfigPath);
        Assert.False(await IsServedAsync(mesh.Outside));
        await client.ExchangeAsync();
        await EchoClient.OnceAsync(mesh.Client, mesh.Server.V4, _echo.Port);
    }

    [Fact]
    public async Task Document_WithoutAPodThatIsServed_RefusesCallsToIt()
    {
        await mesh.Mesh.RewriteAsync(new MeshConfig().Add(mesh.Client).Add(mesh.Outside));

        await Patience.UntilAsync(async () => !await IsServedAsync(mesh.Outside), "calls to be refused");
        await ServerProxy.Log.WaitForAsync("failed to fetch information about local workload: server.default (server)");
    }

    private async Task<bool> IsServedAsync(Pod from)
    {
        try
        {
            await EchoClient.OnceAsync(from, mesh.Server.V4, _echo.Port);
            return true;
        }
        catch (Exception end) when (end is EndOfStreamException or SocketException)
        {
            return false;
        }
    }
}
