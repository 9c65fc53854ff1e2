using System.Text;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Traffic;

/// <summary>What somebody between the pods can read.</summary>
[Collection(TrafficCollection.Name)]
public sealed class WireTests(TrafficMesh mesh)
{
    private const string Marker = "readable-by-anybody-between-the-pods";

    [Theory]
    [InlineData("client", false)]
    [InlineData("outside", true)] // shows that the capture would see it
    public async Task Payload_ToAPodOfTheMesh_IsReadableOnlyFromOutside(string caller, bool isReadable)
    {
        WireCapture wire = await WireCapture.StartAsync(mesh.Mesh.Network, mesh.Server);
        using AppServer server = AppServer.Echo(mesh.Server);
        Pod from = mesh.Mesh.Pod(caller);
        using EchoClient client = await EchoClient.ConnectAsync(from, mesh.Server.V4, server.Port);
        byte[] back = new byte[Marker.Length];
        await Apps.SendAllAsync(client.Socket, Encoding.ASCII.GetBytes(Marker));
        await Patience.ForAsync(Apps.ReceiveAllAsync(client.Socket, back), "the echo");
        await wire.StopAsync();

        Assert.Equal(Marker, Encoding.ASCII.GetString(back));
        Assert.Equal(isReadable, wire.Shows(Marker));
        Assert.Equal(isReadable, wire.Lines($"tcp port {server.Port}").Count > 0);
        Assert.Equal(!isReadable, wire.Lines($"tcp port 15008 and host {from.V4}").Count > 0);
    }
}
