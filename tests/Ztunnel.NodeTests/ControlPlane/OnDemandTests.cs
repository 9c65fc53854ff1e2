using Ztunnel.Lab;

namespace Ztunnel.NodeTests.ControlPlane;

/// <summary>Names asked for when somebody calls them, and kept up to date from then on.</summary>
public sealed class OnDemandTests(OnDemandMesh mesh) : IClassFixture<OnDemandMesh>
{
    [Fact]
    public async Task Service_CalledByItsAddress_IsAskedForAndServedAndScaled()
    {
        await mesh.PushAsync(mesh.Config());
        await EchoClient.OnceAsync(mesh.Client, DiscoveryMesh.Vip, DiscoveryMesh.ServicePort);
        await mesh.Mesh.ServerProxy.Log.WaitForAsync(
            "connection complete", $"src.identity=\"{mesh.Client.SpiffeId}\""); // a tunnel: the endpoint came along

        Assert.Contains(
            mesh.ControlPlane.Requests,
            request => request.Request.ResourceNamesSubscribe.Contains($"/{DiscoveryMesh.Vip}"));
        await mesh.PushAsync(mesh.Config(isScaledOut: true));
        await Patience.UntilAsync(
            async () =>
            {
                await EchoClient.OnceAsync(mesh.Client, DiscoveryMesh.Vip, DiscoveryMesh.ServicePort);
                return mesh.AtReplica.Callers.Count > 0;
            },
            "the new endpoint to be called");
    }

    [Fact]
    public async Task Workload_CalledByItsAddress_IsAskedForAndPoliciesDecide()
    {
        await mesh.PushAsync(mesh.Config().Deny(mesh.Other));

        await mesh.CallServerAsync(mesh.Client);
        await mesh.AssertDeniedAsync(mesh.Other);

        await mesh.Mesh.ServerProxy.Log.WaitForAsync($"src.identity=\"{mesh.Other.SpiffeId}\"", "explicitly denied by");
    }

    [Fact]
    public async Task Address_NobodyKnows_IsCalledAsItIs()
    {
        await mesh.PushAsync(new MeshConfig().Add(mesh.Client).Add(mesh.Server));
        using AppServer echo = AppServer.Echo(mesh.Outside);

        await EchoClient.OnceAsync(mesh.Client, mesh.Outside.V4, echo.Port);

        Assert.Equal([mesh.Client.V4], echo.Callers.Select(caller => caller.Address));
        Assert.Contains(
            mesh.ControlPlane.Pushes, push => push.Removed.Contains($"/{mesh.Outside.V4}")); // told so, not timed out
    }
}
