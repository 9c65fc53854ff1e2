using Ztunnel.Lab;

namespace Ztunnel.NodeTests.ControlPlane;

/// <summary>
/// The lab's control plane is one that the other implementation takes for real: two of its nodes, none of ours.
/// </summary>
public sealed class PeersAloneTests(PeersAlone peers) : IClassFixture<PeersAlone>
{
    private TwoNodeMesh Mesh => peers.Mesh!;

    [PeerFact]
    public async Task Calls_ByPodAndServiceAddress_Arrive()
    {
        using AppServer echo = AppServer.Echo(Mesh.Server, PeersAlone.EchoPort);

        await EchoClient.OnceAsync(Mesh.Client, Mesh.Server.V4, PeersAlone.EchoPort);
        await EchoClient.OnceAsync(Mesh.Client, System.Net.IPAddress.Parse(PeersAlone.Vip), PeersAlone.ServicePort);

        await Mesh.ServerProxy.Log.WaitForAsync("connection complete", $"src.identity=\"{Mesh.Client.SpiffeId}\"");
    }

    [PeerFact]
    public async Task Policy_PushedLive_ClosesAndRefuses()
    {
        using AppServer echo = AppServer.Echo(Mesh.Server);
        using EchoClient client = await EchoClient.ConnectAsync(Mesh.Client, Mesh.Server.V4, echo.Port);
        await client.ExchangeAsync();

        await Mesh.RewriteAsync(PeersAlone.Config(Mesh).Deny(Mesh.Client));

        await Patience.ForAsync(Apps.ReadToEndAsync(client.Socket), "the open connection to be closed");
        using EchoClient denied = await EchoClient.ConnectAsync(Mesh.Client, Mesh.Server.V4, echo.Port);
        await Patience.ForAsync(Apps.ReadToEndAsync(denied.Socket), "a new one to be refused");
        Assert.Single(echo.Callers);
        await Mesh.RewriteAsync(PeersAlone.Config(Mesh));
        await EchoClient.OnceAsync(Mesh.Client, Mesh.Server.V4, echo.Port);
    }

    [PeerFact]
    public async Task Resource_Truncated_IsRefusedByName()
    {
        MeshResource bad = PeersAlone.Config(Mesh).ToResources().First().Truncated() with { Name = "bad" };

        Mesh.ControlPlane.Set(bad);
        await Mesh.ControlPlane.WaitForAnswersAsync(streams: 2);

        Assert.All(Mesh.ControlPlane.Nacks, nack => Assert.Contains("bad", nack.Error, StringComparison.Ordinal));
        Assert.Equal(2, Mesh.ControlPlane.Nacks.Count());
        Mesh.ControlPlane.Remove(ResourceType.Address, "bad");
        await Mesh.ControlPlane.WaitForAckAsync(streams: 2);
    }
}
