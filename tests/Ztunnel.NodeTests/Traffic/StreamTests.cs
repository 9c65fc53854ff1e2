using System.Net.Sockets;
using System.Security.Cryptography;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Traffic;

/// <summary>What flows and how it ends: through a tunnel, and in plain from outside.</summary>
[Collection(TrafficCollection.Name)]
public sealed class StreamTests(TrafficMesh mesh)
{
    private const long Large = 100L * 1024 * 1024;

    /// <summary>Callers of the server: through the mesh, from the same node, past the mesh.</summary>
    public static TheoryData<string> Callers => ["client", "outside"];

    [Theory, MemberData(nameof(Callers))]
    public async Task Bytes_HundredMebibytesEachWayAtOnce_ArriveAsSent(string caller)
    {
        TaskCompletionSource<byte[]> serverSent = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using AppServer server = new(mesh.Server, async socket =>
        {
            Task<byte[]> receiving = Apps.HashUntilEndAsync(socket);
            serverSent.SetResult(await Payload.SendAsync(socket, Large));
            await Apps.SendAllAsync(socket, await receiving);
            socket.Shutdown(SocketShutdown.Send);
        });
        using Socket client = await mesh.Mesh.Pod(caller).ConnectAsync(mesh.Server.V4, server.Port);

        Task<byte[]> sending = Payload.SendAllAndFinishAsync(client, Large);
        byte[] received = await HashOfAsync(client, Large);
        byte[] serverReceived = new byte[32];
        await Patience.ForAsync(Apps.ReceiveAllAsync(client, serverReceived), "the server's hash");

        Assert.Equal(await serverSent.Task, received);
        Assert.Equal(await sending, serverReceived);
        Assert.Equal(StreamEnd.Fin, await Apps.ReadToEndAsync(client));
    }

    [Theory, MemberData(nameof(Callers))]
    public async Task HalfClose_ByTheCaller_LeavesTheAnswerOpen(string caller)
    {
        const long answer = 1_000_000;
        TaskCompletionSource<byte[]> sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using AppServer server = new(mesh.Server, async socket =>
        {
            Assert.Equal(StreamEnd.Fin, await Apps.ReadToEndAsync(socket)); // FIN first, and only then an answer
            sent.SetResult(await Payload.SendAllAndFinishAsync(socket, answer));
        });
        using Socket client = await mesh.Mesh.Pod(caller).ConnectAsync(mesh.Server.V4, server.Port);

        await Payload.SendAllAndFinishAsync(client, 10_000);
        byte[] received = await Patience.ForAsync(Apps.HashUntilEndAsync(client), "the answer");

        Assert.Equal(await Patience.ForAsync(sent.Task, "the server"), received);
    }

    [Theory, MemberData(nameof(Callers))]
    public async Task HalfClose_ByTheServer_LeavesTheRequestOpen(string caller)
    {
        const long request = 1_000_000;
        TaskCompletionSource<byte[]> received = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using AppServer server = new(mesh.Server, async socket =>
        {
            await Payload.SendAllAndFinishAsync(socket, 10_000);
            received.SetResult(await Apps.HashUntilEndAsync(socket));
        });
        using Socket client = await mesh.Mesh.Pod(caller).ConnectAsync(mesh.Server.V4, server.Port);

        Assert.Equal(StreamEnd.Fin, await Patience.ForAsync(Apps.ReadToEndAsync(client), "the server's FIN"));
        byte[] sent = await Payload.SendAllAndFinishAsync(client, request);

        Assert.Equal(sent, await Patience.ForAsync(received.Task, "the request"));
    }

    [Theory, MemberData(nameof(Callers))]
    public async Task Server_SpeaksFirst_IsHeard(string caller)
    {
        using AppServer server = new(mesh.Server, async socket =>
        {
            await Apps.SendAllAsync(socket, "220 ready\r\n"u8.ToArray());
            await Apps.EchoAsync(socket);
        });
        using Socket client = await mesh.Mesh.Pod(caller).ConnectAsync(mesh.Server.V4, server.Port);

        byte[] banner = new byte[11];
        await Patience.ForAsync(Apps.ReceiveAllAsync(client, banner), "the banner");

        Assert.Equal("220 ready\r\n"u8.ToArray(), banner);
    }

    [Theory, MemberData(nameof(Callers))]
    public async Task Reset_ByTheCaller_ReachesTheServerAsReset(string caller)
    {
        TaskCompletionSource<StreamEnd> end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using AppServer server = new(mesh.Server, async socket =>
        {
            await Apps.SendAllAsync(socket, new byte[1]);
            end.SetResult(await Apps.ReadToEndAsync(socket));
        });
        using Socket client = await mesh.Mesh.Pod(caller).ConnectAsync(mesh.Server.V4, server.Port);
        await Patience.ForAsync(Apps.ReceiveAllAsync(client, new byte[1]), "the connection to be through");

        Apps.Reset(client);

        Assert.Equal(StreamEnd.Reset, await Patience.ForAsync(end.Task, "the end"));
    }

    [Theory, MemberData(nameof(Callers))]
    public async Task Reset_ByTheServer_ReachesTheCallerAsReset(string caller)
    {
        using AppServer server = new(mesh.Server, Apps.ResetAsync);
        using Socket client = await mesh.Mesh.Pod(caller).ConnectAsync(mesh.Server.V4, server.Port);

        await Apps.SendAllAsync(client, new byte[1]);

        Assert.Equal(StreamEnd.Reset, await Patience.ForAsync(Apps.ReadToEndAsync(client), "the end"));
    }

    [Theory, MemberData(nameof(Callers))]
    public async Task Close_ByTheCaller_ReachesTheServerAsFin(string caller)
    {
        TaskCompletionSource<StreamEnd> end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using AppServer server = new(mesh.Server, async socket => end.SetResult(await Apps.ReadToEndAsync(socket)));
        using (Socket client = await mesh.Mesh.Pod(caller).ConnectAsync(mesh.Server.V4, server.Port))
        {
            await Apps.SendAllAsync(client, new byte[1000]);
        }

        Assert.Equal(StreamEnd.Fin, await Patience.ForAsync(end.Task, "the end"));
    }

    [Fact]
    public async Task Requests_ManySmallOnManyConnections_AreAllAnswered()
    {
        await Task.WhenAll(Enumerable.Range(0, 64).Select(async _ =>
        {
            using EchoClient client = await EchoClient.ConnectAsync(mesh.Client, mesh.Server.V4, TrafficMesh.EchoPort);
            for (int request = 1; request <= 50; request++)
            {
                await client.ExchangeAsync(request);
            }
        }));
    }

    [Fact]
    public async Task Connections_ManyShortOnes_AreAllServed()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            for (int call = 0; call < 20; call++)
            {
                await EchoClient.OnceAsync(mesh.Client, mesh.Server.V4, TrafficMesh.EchoPort);
            }
        }));
    }

    private static async Task<byte[]> HashOfAsync(Socket socket, long length)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[256 * 1024];
        while (length > 0)
        {
            Memory<byte> piece = buffer.AsMemory(0, (int)Math.Min(buffer.Length, length));
            await Apps.ReceiveAllAsync(socket, piece);
            hash.AppendData(piece.Span);
            length -= piece.Length;
        }

        return hash.GetHashAndReset();
    }
}
