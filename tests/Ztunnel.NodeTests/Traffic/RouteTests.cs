using System.Net;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Traffic;

/// <summary>Where calls go, and as whom they arrive.</summary>
[Collection(TrafficCollection.Name)]
public sealed class RouteTests(TrafficMesh mesh)
{
    private const int Size = 100_000;

    [Theory]
    [InlineData("server", false)]
    [InlineData("server", true)]
    [InlineData("neighbour", false)]
    [InlineData("neighbour", true)]
    public async Task Call_ToAPodOfTheMesh_IsTunnelledAndKeepsItsSource(string callee, bool overV6)
    {
        Pod pod = mesh.Mesh.Pod(callee);
        using AppServer echo = AppServer.Echo(pod);
        IPAddress address = overV6 ? pod.V6 : pod.V4;

        await EchoClient.OnceAsync(mesh.Client, address, echo.Port, Size);

        Assert.Equal([overV6 ? mesh.Client.V6 : mesh.Client.V4], echo.Callers.Select(caller => caller.Address));
        string outbound = await Line(
            mesh.Mesh.ClientProxy, "outbound", $"dst.hbone_addr={new IPEndPoint(address, echo.Port)}");
        Assert.Contains($"dst.addr={new IPEndPoint(address, 15008)}", outbound, StringComparison.Ordinal);
        Assert.Contains($"src.identity=\"{mesh.Client.SpiffeId}\"", outbound, StringComparison.Ordinal);
        Assert.Contains($"dst.identity=\"{pod.SpiffeId}\"", outbound, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TrafficMesh.EchoVip)]
    [InlineData(TrafficMesh.EchoVip6)]
    public async Task Call_ToAServiceAddress_ReachesItsEndpoint(string vip)
    {
        IPAddress address = IPAddress.Parse(vip);
        int before = mesh.Echo(mesh.Server).Callers.Count;

        await EchoClient.OnceAsync(mesh.Client, address, TrafficMesh.ServicePort, Size);

        Assert.Equal(before + 1, mesh.Echo(mesh.Server).Callers.Count);
        IPAddress endpoint = vip == TrafficMesh.EchoVip ? mesh.Server.V4 : mesh.Server.V6;
        await Line(
            mesh.Mesh.ClientProxy,
            "outbound",
            $"dst.hbone_addr={new IPEndPoint(endpoint, TrafficMesh.EchoPort)}",
            "dst.service=\"echo.default.svc.cluster.local\"");
    }

    [Fact]
    public async Task Call_ToAServicePortNobodyServes_IsClosed()
    {
        using EchoClient client = await EchoClient.ConnectAsync(mesh.Client, IPAddress.Parse(TrafficMesh.EchoVip), 81);

        StreamEnd end = await Patience.ForAsync(Apps.ReadToEndAsync(client.Socket), "the proxy to close");

        Assert.Equal(StreamEnd.Fin, end);
        await mesh.Mesh.ClientProxy.Log.WaitForAsync(
            "connection failed", $"no healthy upstream: {TrafficMesh.EchoVip}:81");
    }

    [Fact]
    public async Task Call_ToAServiceOfItsOwn_GoesThroughItsOwnInbound()
    {
        int before = mesh.Echo(mesh.Client).Callers.Count;

        await EchoClient.OnceAsync(mesh.Client, IPAddress.Parse(TrafficMesh.MirrorVip), TrafficMesh.ServicePort, Size);

        Assert.Equal(before + 1, mesh.Echo(mesh.Client).Callers.Count);
        await Line(mesh.Mesh.ClientProxy, "inbound", "src.workload=\"client\"", "dst.workload=\"client\"");
    }

    [Fact]
    public async Task Call_ToItsOwnAddress_NeverLeavesThePod()
    {
        await EchoClient.OnceAsync(mesh.Client, mesh.Client.V4, TrafficMesh.EchoPort);
        await EchoClient.OnceAsync(mesh.Client, IPAddress.Loopback, TrafficMesh.EchoPort);
    }

    [Fact]
    public async Task Call_ToAPlainWorkload_GoesWithoutATunnel()
    {
        using AppServer echo = AppServer.Echo(mesh.Outside);

        await EchoClient.OnceAsync(mesh.Client, mesh.Outside.V4, echo.Port, Size);

        Assert.Equal([mesh.Client.V4], echo.Callers.Select(caller => caller.Address));
        string line = await Line(
            mesh.Mesh.ClientProxy, "outbound", $"dst.addr={mesh.Outside.V4}:{echo.Port}", "dst.workload=\"outside\"");
        Assert.DoesNotContain("dst.hbone_addr", line, StringComparison.Ordinal);
        Assert.DoesNotContain("identity", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_ToAnUnknownAddress_PassesThrough(bool overV6)
    {
        LabHost bridge = mesh.Mesh.Network.Bridge; // no workload has its address
        using AppServer echo = AppServer.Echo(bridge);
        IPAddress address = overV6 ? bridge.V6 : bridge.V4;

        await EchoClient.OnceAsync(mesh.Client, address, echo.Port, Size);

        string line = await Line(mesh.Mesh.ClientProxy, "outbound", $"dst.addr={new IPEndPoint(address, echo.Port)}");
        Assert.DoesNotContain("dst.workload", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_FromOutside_IsTakenInPlainAndKeepsItsSource(bool overV6)
    {
        using AppServer echo = AppServer.Echo(mesh.Server);
        IPAddress address = overV6 ? mesh.Server.V6 : mesh.Server.V4;

        await EchoClient.OnceAsync(mesh.Outside, address, echo.Port, Size);

        Assert.Equal([overV6 ? mesh.Outside.V6 : mesh.Outside.V4], echo.Callers.Select(caller => caller.Address));
        string line = await Line(
            mesh.Mesh.ServerProxy,
            "inbound",
            $"dst.addr={new IPEndPoint(address, echo.Port)}",
            "src.workload=\"outside\"");
        Assert.DoesNotContain("identity", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("server", "http status: 503 Service Unavailable")]
    [InlineData("outside", "io error: ")]
    public async Task Call_ToAPortNobodyListensOn_IsClosedAndNamed(string callee, string error)
    {
        Pod pod = mesh.Mesh.Pod(callee);
        using EchoClient client = await EchoClient.ConnectAsync(mesh.Client, pod.V4, 9);

        await Patience.ForAsync(Apps.ReadToEndAsync(client.Socket), "the proxy to close");

        await mesh.Mesh.ClientProxy.Log.WaitForAsync(
            "\terror\t", "connection complete", $"{pod.V4}:9 ", $"error=\"{error}");
    }

    private static Task<string> Line(ZtunnelProcess proxy, string direction, params string[] parts) =>
        proxy.Log.WaitForAsync(["connection complete", $"direction=\"{direction}\"", .. parts]);
}
