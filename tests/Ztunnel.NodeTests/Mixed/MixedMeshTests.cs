using System.Net;
using System.Net.Sockets;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Mixed;

/// <summary>One mesh, two implementations, the same control plane.</summary>
public sealed class MixedMeshTests(MixedMeshes meshes) : IClassFixture<MixedMeshes>
{
    private const long Large = 100L * 1024 * 1024;

    public static TheoryData<string> Directions => [MixedMeshes.PeerCalls, MixedMeshes.WeCall];

    [PeerTheory, MemberData(nameof(Directions))]
    public async Task Requests_Many_AreAnsweredAndKeepTheirSource(string direction)
    {
        TwoNodeMesh mesh = meshes[direction];
        using AppServer echo = AppServer.Echo(mesh.Server);

        await Task.WhenAll(Enumerable.Range(0, 32).Select(async index =>
        {
            IPAddress address = index % 2 == 0 ? mesh.Server.V4 : mesh.Server.V6;
            using EchoClient client = await EchoClient.ConnectAsync(mesh.Client, address, echo.Port);
            for (int request = 0; request < 20; request++)
            {
                await client.ExchangeAsync(1 + request * 100);
            }
        }));

        Assert.Equal([mesh.Client.V4, mesh.Client.V6], echo.Callers.Select(caller => caller.Address).Distinct()
            .OrderBy(address => address.AddressFamily));
        await mesh.ServerProxy.Log.WaitForAsync("connection complete", $"src.identity=\"{mesh.Client.SpiffeId}\"");
    }

    [PeerTheory, MemberData(nameof(Directions))]
    public async Task Bytes_HundredMebibytesEachWay_ArriveAsSent(string direction)
    {
        TwoNodeMesh mesh = meshes[direction];
        TaskCompletionSource<byte[]> serverSent = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource<byte[]> serverReceived = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using AppServer server = new(mesh.Server, async socket =>
        {
            Task<byte[]> receiving = Apps.HashUntilEndAsync(socket);
            serverSent.SetResult(await Payload.SendAllAndFinishAsync(socket, Large));
            serverReceived.SetResult(await receiving);
        });
        using Socket client = await mesh.Client.ConnectAsync(mesh.Server.V4, server.Port);

        Task<byte[]> sending = Payload.SendAllAndFinishAsync(client, Large);
        byte[] received = await Patience.ForAsync(Apps.HashUntilEndAsync(client), "the server's bytes");

        Assert.Equal(await serverSent.Task, received);
        Assert.Equal(await sending, await Patience.ForAsync(serverReceived.Task, "the client's bytes"));
    }

    [PeerTheory, MemberData(nameof(Directions))]
    public async Task HalfClose_ByTheCaller_LeavesTheAnswerOpen(string direction)
    {
        TwoNodeMesh mesh = meshes[direction];
        using AppServer server = new(mesh.Server, Apps.HashAsync);
        using Socket client = await mesh.Client.ConnectAsync(mesh.Server.V4, server.Port);

        byte[] sent = await Payload.SendAllAndFinishAsync(client, 1_000_000);
        byte[] answer = new byte[32];
        await Patience.ForAsync(Apps.ReceiveAllAsync(client, answer), "the answer");

        Assert.Equal(sent, answer);
        Assert.Equal(StreamEnd.Fin, await Patience.ForAsync(Apps.ReadToEndAsync(client), "the end"));
    }

    [PeerTheory, MemberData(nameof(Directions))]
    public async Task HalfClose_ByTheServer_LeavesTheRequestOpen(string direction)
    {
        TwoNodeMesh mesh = meshes[direction];
        TaskCompletionSource<byte[]> received = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using AppServer server = new(mesh.Server, async socket =>
        {
            await Payload.SendAllAndFinishAsync(socket, 10_000);
            received.SetResult(await Apps.HashUntilEndAsync(socket));
        });
        using Socket client = await mesh.Client.ConnectAsync(mesh.Server.V4, server.Port);

        Assert.Equal(StreamEnd.Fin, await Patience.ForAsync(Apps.ReadToEndAsync(client), "the server's FIN"));
        byte[] sent = await Payload.SendAllAndFinishAsync(client, 1_000_000);

        Assert.Equal(sent, await Patience.ForAsync(received.Task, "the request"));
    }

    [PeerTheory, MemberData(nameof(Directions))]
    public async Task Caller_DeniedByPolicy_IsRefusedAndTheOtherIsNot(string direction)
    {
        TwoNodeMesh mesh = meshes[direction];
        using AppServer echo = AppServer.Echo(mesh.Server);
        using EchoClient denied = await EchoClient.ConnectAsync(mesh.Pod("denied"), mesh.Server.V4, echo.Port);

        await Patience.ForAsync(Apps.ReadToEndAsync(denied.Socket), "the refusal");
        await EchoClient.OnceAsync(mesh.Client, mesh.Server.V4, echo.Port);

        Assert.Equal([mesh.Client.V4], echo.Callers.Select(caller => caller.Address));
        await mesh.ClientProxy.Log.WaitForAsync("src.workload=\"denied\"", "http status: 401 Unauthorized");
        await mesh.ServerProxy.Log.WaitForAsync("src.workload=\"denied\"", "explicitly denied by: default/deny-denied");
    }

    [PeerTheory, MemberData(nameof(Directions))]
    public async Task Service_ByItsAddress_ReachesItsEndpoint(string direction)
    {
        TwoNodeMesh mesh = meshes[direction];
        using AppServer echo = AppServer.Echo(mesh.Server, MixedMeshes.EchoPort);

        await EchoClient.OnceAsync(mesh.Client, IPAddress.Parse(MixedMeshes.Vip), MixedMeshes.ServicePort);

        Assert.Equal([mesh.Client.V4], echo.Callers.Select(caller => caller.Address));
        await mesh.ClientProxy.Log.WaitForAsync(
            "connection complete",
            $"dst.service=\"{MixedMeshes.Service}\"",
            $"dst.identity=\"{mesh.Server.SpiffeId}\"");
    }

    [PeerTheory, MemberData(nameof(Directions))]
    public async Task Headless_ByItsEndpointsAddress_GoesThroughTheTunnel(string direction)
    {
        TwoNodeMesh mesh = meshes[direction];
        Pod database = mesh.Pod("db");
        using AppServer echo = AppServer.Echo(database, MixedMeshes.EchoPort);

        await EchoClient.OnceAsync(mesh.Client, database.V4, MixedMeshes.EchoPort);

        Assert.Equal([mesh.Client.V4], echo.Callers.Select(caller => caller.Address));
        await mesh.ServerProxy.Log.WaitForAsync(
            "connection complete",
            $"src.identity=\"{mesh.Client.SpiffeId}\"",
            $"dst.service=\"{MixedMeshes.Headless}\"");
    }

    [PeerTheory, MemberData(nameof(Directions))]
    public async Task Policies_PushedLive_AreInForceOnWhicheverNodeServes(string direction)
    {
        TwoNodeMesh mesh = meshes[direction];
        using AppServer echo = AppServer.Echo(mesh.Server);
        using EchoClient tunnelled = await EchoClient.ConnectAsync(mesh.Client, mesh.Server.V4, echo.Port);
        using EchoClient plain = await EchoClient.ConnectAsync(mesh.Outside, mesh.Server.V4, echo.Port);
        await tunnelled.ExchangeAsync();
        await plain.ExchangeAsync();

        await mesh.RewriteAsync(MixedMeshes.Config(mesh).RequireMutualTls());
        await Patience.ForAsync(Apps.ReadToEndAsync(plain.Socket), "the plain connection to be closed");
        await tunnelled.ExchangeAsync();
        await mesh.RewriteAsync(MixedMeshes.Config(mesh).Deny(mesh.Client));
        await Patience.ForAsync(Apps.ReadToEndAsync(tunnelled.Socket), "the tunnelled connection to be closed");

        await mesh.RewriteAsync(MixedMeshes.Config(mesh));
        await EchoClient.OnceAsync(mesh.Client, mesh.Server.V4, echo.Port);
        await EchoClient.OnceAsync(mesh.Outside, mesh.Server.V4, echo.Port);
    }
}
