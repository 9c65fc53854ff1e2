using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Gateway;

/// <summary>Calls to another network: a tunnel to its gateway, and one inside it to the pod.</summary>
public sealed class GatewayTests(GatewayMeshes meshes) : IClassFixture<GatewayMeshes>
{
    private const long Large = 100L * 1024 * 1024;

    public static TheoryData<string> Directions => GatewayMeshes.Directions;

    /// <summary>Where we are the client.</summary>
    public static TheoryData<string> OurCalls =>
        ZtunnelBinary.Peer is null ? [GatewayMeshes.Ours] : [GatewayMeshes.Ours, GatewayMeshes.WeCall];

    [Theory, MemberData(nameof(Directions))]
    public async Task Requests_Many_AreAnsweredThroughTheGateway(string direction)
    {
        TwoNodeMesh mesh = meshes[direction];
        using AppServer echo = AppServer.Echo(mesh.Server, GatewayMeshes.AppPort);

        await Task.WhenAll(Enumerable.Range(0, 16).Select(async index =>
        {
            using EchoClient client = await CallAsync(mesh);
            for (int request = 0; request < 20; request++)
            {
                await client.ExchangeAsync(1 + (request * 1000));
            }
        }));

        Assert.Equal([meshes.Gateway(direction).Host.V4], echo.Callers.Select(caller => caller.Address).Distinct());
        Assert.Contains("echo.default.svc.cluster.local:80", meshes.Gateway(direction).Authorities);
        await mesh.ServerProxy.Log.WaitForAsync(
            "connection complete", "inbound", $"src.identity=\"{mesh.Client.SpiffeId}\"",
            "dst.hbone_addr=echo.default.svc.cluster.local:80");
        await mesh.ClientProxy.Log.WaitForAsync(
            "connection complete", "outbound", $"dst.addr={meshes.Gateway(direction).Host.V4}:15008",
            "dst.hbone_addr=echo.default.svc.cluster.local:80", "dst.service=\"echo.default.svc.cluster.local\"",
            DestinationOf(direction, mesh));
    }

    [Theory, MemberData(nameof(Directions))]
    public async Task Bytes_HundredMebibytesEachWay_ArriveAsSent(string direction)
    {
        TwoNodeMesh mesh = meshes[direction];
        TaskCompletionSource<byte[]> serverSent = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource<byte[]> serverReceived = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using AppServer server = new(
            mesh.Server,
            async socket =>
            {
                Task<byte[]> receiving = Apps.HashUntilEndAsync(socket);
                serverSent.SetResult(await Payload.SendAsync(socket, Large));
                serverReceived.SetResult(await receiving); // and only then its FIN: see the half-closed one
            },
            GatewayMeshes.AppPort);
        using EchoClient client = await CallAsync(mesh);

        Task<byte[]> sending = Payload.SendAllAndFinishAsync(client.Socket, Large);
        byte[] received = await Patience.ForAsync(Apps.HashUntilEndAsync(client.Socket), "the server's bytes");

        Assert.Equal(await serverSent.Task, received);
        Assert.Equal(await sending, await Patience.ForAsync(serverReceived.Task, "the client's bytes"));
    }

    [Theory, MemberData(nameof(Directions))]
    public async Task HalfClose_ByTheCaller_LeavesTheAnswerOpen(string direction)
    {
        TwoNodeMesh mesh = meshes[direction];
        using AppServer server = new(mesh.Server, Apps.HashAsync, GatewayMeshes.AppPort);
        using EchoClient client = await CallAsync(mesh);

        byte[] sent = await Payload.SendAllAndFinishAsync(client.Socket, 1_000_000);
        byte[] answer = new byte[32];
        await Patience.ForAsync(Apps.ReceiveAllAsync(client.Socket, answer), "the answer");

        Assert.Equal(sent, answer);
    }

    // Release 1.27 as a client drops what it has not sent when the server ends first, also facing itself.
    [Theory, MemberData(nameof(OurCalls))]
    public async Task HalfClose_ByTheServer_LeavesTheRequestOpen(string direction)
    {
        TwoNodeMesh mesh = meshes[direction];
        TaskCompletionSource<byte[]> received = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using AppServer server = new(
            mesh.Server,
            async socket =>
            {
                await Payload.SendAllAndFinishAsync(socket, 10_000);
                received.SetResult(await Apps.HashUntilEndAsync(socket));
            },
            GatewayMeshes.AppPort);
        using EchoClient client = await CallAsync(mesh);

        Assert.Equal(StreamEnd.Fin, await Patience.ForAsync(Apps.ReadToEndAsync(client.Socket), "the server's FIN"));
        byte[] sent = await Payload.SendAllAndFinishAsync(client.Socket, 1_000_000);

        Assert.Equal(sent, await Patience.ForAsync(received.Task, "the request"));
    }

    [Theory, MemberData(nameof(Directions))]
    public async Task Peer_OfAnotherIdentity_IsRefused(string direction) =>
        await AssertRefusedAsync(direction, GatewayMeshes.ForeignVip, "peer did not present the expected SAN");

    [Theory, MemberData(nameof(Directions))]
    public async Task Peer_OfAServiceThatNamesNobody_IsRefused(string direction) =>
        await AssertRefusedAsync(direction, GatewayMeshes.NamelessVip, "peer did not present the expected SAN");

    [Theory, MemberData(nameof(Directions))]
    public async Task Gateway_ThatDoesNotListen_FailsTheCall(string direction) =>
        await AssertRefusedAsync(direction, GatewayMeshes.LostVip, "Connection refused");

    [Theory, MemberData(nameof(Directions))]
    public async Task Gateway_ThatKnowsNobodyOfThatName_FailsTheCall(string direction) =>
        await AssertRefusedAsync(direction, GatewayMeshes.StrangeVip, "http status: 503 Service Unavailable");

    [Fact]
    public async Task OpenConnection_IsDumpedAndCountedAsWhatItIs()
    {
        TwoNodeMesh mesh = meshes[GatewayMeshes.Ours];
        using AppServer echo = AppServer.Echo(mesh.Server, GatewayMeshes.AppPort);
        using EchoClient client = await CallAsync(mesh);
        await client.ExchangeAsync();

        using JsonDocument dump = await mesh.ClientProxy.ConfigDumpAsync();
        JsonElement[] connections =
        [
            .. dump.RootElement.GetProperty("workloadState").EnumerateObject().SelectMany(
                pod => pod.Value.GetProperty("connections").GetProperty("outbound").EnumerateArray()),
        ];

        Assert.Contains(connections, connection => connection.GetProperty("protocol").GetString() == "DOUBLEHBONE"
            && connection.GetProperty("src").GetString() == client.LocalEndpoint.ToString());
        MetricsText metrics = await mesh.ClientProxy.MetricsAsync();
        Assert.True(metrics.Sum(
            "istio_tcp_connections_opened_total",
            ("destination_workload", "server"),
            ("destination_principal", mesh.Server.SpiffeId),
            ("destination_service", "echo.default.svc.cluster.local"),
            ("connection_security_policy", "mutual_tls")) >= 1);
    }

    [Fact]
    public async Task Call_Ended_LeavesTheOuterTunnelForTheNext()
    {
        TwoNodeMesh mesh = meshes[GatewayMeshes.Ours];
        using AppServer echo = AppServer.Echo(mesh.Server, GatewayMeshes.AppPort);
        await EchoClient.OnceAsync(mesh.Client, IPAddress.Parse(GatewayMeshes.Vip), GatewayMeshes.ServicePort);
        await mesh.ClientProxy.WaitForMetricsAsync(
            metrics => metrics.Sum("ztunnel_streams_open", ("role", "client")) == 0, "the streams' end");
        int tunnels = meshes.Gateway(GatewayMeshes.Ours).OpenTunnels;

        await EchoClient.OnceAsync(mesh.Client, IPAddress.Parse(GatewayMeshes.Vip), GatewayMeshes.ServicePort);

        Assert.InRange(tunnels, 1, 2); // one for each worker
        Assert.InRange(meshes.Gateway(GatewayMeshes.Ours).OpenTunnels, tunnels, 2);
    }

    // Release 1.27 says nothing of itself in its answer, and as a client goes by what it knows of the gateway.
    private static string DestinationOf(string direction, TwoNodeMesh mesh) => direction switch
    {
        GatewayMeshes.Ours => $"dst.workload=\"server\" dst.namespace=\"default\" dst.identity=\"{mesh.Server.SpiffeId}\"",
        GatewayMeshes.WeCall => $"dst.identity=\"{mesh.Server.SpiffeId}\"",
        _ => "dst.workload=\"gateway\"",
    };

    private static Task<EchoClient> CallAsync(TwoNodeMesh mesh) =>
        EchoClient.ConnectAsync(mesh.Client, IPAddress.Parse(GatewayMeshes.Vip), GatewayMeshes.ServicePort);

    private async Task AssertRefusedAsync(string direction, string vip, string error)
    {
        TwoNodeMesh mesh = meshes[direction];
        using AppServer echo = AppServer.Echo(mesh.Server, GatewayMeshes.AppPort);
        using EchoClient client = await EchoClient.ConnectAsync(
            mesh.Client, IPAddress.Parse(vip), GatewayMeshes.ServicePort);

        await Patience.ForAsync(Apps.ReadToEndAsync(client.Socket), "the proxy to close");

        Assert.Empty(echo.Callers);
        await mesh.ClientProxy.Log.WaitForAsync("connection complete", $"src.addr={client.LocalEndpoint} ", error);
    }
}
