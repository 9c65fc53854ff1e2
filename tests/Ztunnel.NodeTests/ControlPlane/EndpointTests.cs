using System.Net.Sockets;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.ControlPlane;

/// <summary>Endpoints come and go while calls go on.</summary>
public sealed class EndpointTests(DiscoveryMesh mesh) : IClassFixture<DiscoveryMesh>
{
    private const int Enough = 40; // so many calls that all would miss one of two endpoints once in 10^12 times

    [Fact]
    public async Task Endpoint_AddedAndRemoved_IsCalledInBetweenAndNoCallFails()
    {
        await using SteadyTraffic traffic = await mesh.StartTrafficAsync();
        Assert.Empty(mesh.AtReplica.Callers);

        await mesh.PushAsync(mesh.Config(isScaledOut: true));
        await CallAsync(Enough);
        Assert.NotEmpty(mesh.AtReplica.Callers);
        await mesh.PushAsync(mesh.Config());
        await traffic.GoesOnAsync(); // calls that were on their way
        int before = mesh.AtReplica.Callers.Count;
        await CallAsync(Enough);

        Assert.Equal(before, mesh.AtReplica.Callers.Count);
        await traffic.GoesOnAsync();
        await traffic.StopAsync();
    }

    [Fact]
    public async Task Endpoint_ThatBecomesUnhealthy_IsCalledNoMore()
    {
        await mesh.PushAsync(mesh.Config(isScaledOut: true));
        await CallAsync(Enough);

        await mesh.PushAsync(mesh.Config(isScaledOut: true, replicaStatus: "Unhealthy"));
        int before = mesh.AtReplica.Callers.Count;
        await CallAsync(Enough);

        Assert.Equal(before, mesh.AtReplica.Callers.Count);
        await mesh.PushAsync(mesh.Config());
    }

    [Fact]
    public async Task Service_WithoutAnEndpoint_RefusesAndServesAgain()
    {
        await CallAsync(1);

        mesh.ControlPlane.Remove(ResourceType.Address, mesh.Server.WorkloadUid);
        await mesh.ControlPlane.WaitForAckAsync(streams: 2);
        Exception refused = await Assert.ThrowsAnyAsync<Exception>(() => CallAsync(1));
        await mesh.PushAsync(mesh.Config());

        Assert.True(refused is EndOfStreamException or SocketException, refused.ToString());
        await CallAsync(1);
    }

    private async Task CallAsync(int times)
    {
        for (int call = 0; call < times; call++)
        {
            await EchoClient.OnceAsync(mesh.Client, DiscoveryMesh.Vip, DiscoveryMesh.ServicePort);
        }
    }
}
