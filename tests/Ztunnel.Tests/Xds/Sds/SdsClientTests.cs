using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Ztunnel.Certificates.Secrets;
using Ztunnel.Protos.Discovery;
using Ztunnel.Xds.Sds;

namespace Ztunnel.Tests.Xds.Sds;

public sealed class SdsClientTests
{
    private const string Name = "default";

    private readonly RecordingHandler _handler = new();

    [Fact]
    public async Task Subscribe_StateOfTheWorld_AsksAndAcknowledges()
    {
        await using TestSecretServer server = await TestSecretServer.StartAsync();
        await using SdsClient client = Client(server);

        client.Subscribe(SecretType.Url, Name);
        TestSecretServer.WorldCall call = await server.NextWorldCallAsync();
        DiscoveryRequest first = await call.NextAsync();
        await call.SendAsync(Response("v1", "n1", "one"));
        DiscoveryRequest ack = await call.NextAsync();

        Assert.Equal((SecretType.Url, "", ""), (first.TypeUrl, first.VersionInfo, first.ResponseNonce));
        Assert.Equal([Name], first.ResourceNames);
        Assert.Equal("node-id", first.Node.Id);
        Assert.Equal(("v1", "n1"), (ack.VersionInfo, ack.ResponseNonce));
        Assert.Equal([Name], ack.ResourceNames);
        Assert.Null(ack.ErrorDetail);
        Assert.Equal([$"{Name} v1 one"], _handler.Events);
    }

    [Fact]
    public async Task Refused_NamesTheLastGoodVersionAndTheReason()
    {
        await using TestSecretServer server = await TestSecretServer.StartAsync();
        await using SdsClient client = Client(server);
        client.Subscribe(SecretType.Url, "bad");
        TestSecretServer.WorldCall call = await server.NextWorldCallAsync();
        await call.NextAsync();

        await call.SendAsync(Response("v1", "n1", "one"));
        DiscoveryRequest nack = await call.NextAsync();

        Assert.Equal(("", "n1"), (nack.VersionInfo, nack.ResponseNonce));
        Assert.Equal("bad: no good", nack.ErrorDetail.Message);
    }

    [Fact]
    public async Task ResponseWithoutTheName_IsARemoval()
    {
        await using TestSecretServer server = await TestSecretServer.StartAsync();
        await using SdsClient client = Client(server);
        client.Subscribe(SecretType.Url, Name);
        TestSecretServer.WorldCall call = await server.NextWorldCallAsync();
        await call.NextAsync();

        await call.SendAsync(new DiscoveryResponse { TypeUrl = SecretType.Url, VersionInfo = "v1", Nonce = "n1" });
        await call.NextAsync();

        Assert.Equal([$"removed {Name}"], _handler.Events);
    }

    [Fact]
    public async Task UnreadableSecretAmongSeveral_IsRefusedAndTheStreamGoesOn()
    {
        await using TestSecretServer server = await TestSecretServer.StartAsync();
        await using SdsClient client = Client(server);
        client.Subscribe(SecretType.Url, Name);
        TestSecretServer.WorldCall call = await server.NextWorldCallAsync();
        await call.NextAsync();
        DiscoveryResponse response = Response("v1", "n1", "one");
        response.Resources.Insert(0, new Any { TypeUrl = SecretType.Url, Value = ByteString.CopyFrom(0xFF) });

        await call.SendAsync(response);
        DiscoveryRequest nack = await call.NextAsync();
        await call.SendAsync(Response("v2", "n2", "two"));
        DiscoveryRequest ack = await call.NextAsync();

        Assert.StartsWith($"{Name}: decode: ", nack.ErrorDetail.Message, StringComparison.Ordinal);
        Assert.Equal(("v2", "n2"), (ack.VersionInfo, ack.ResponseNonce));
    }

    [Fact]
    public async Task EveryName_HasAStreamOfItsOwn_AndAFailedOneComesBack()
    {
        await using TestSecretServer server = await TestSecretServer.StartAsync();
        await using SdsClient client = Client(server);
        client.Subscribe(SecretType.Url, "ROOTCA");
        TestSecretServer.WorldCall roots = await server.NextWorldCallAsync();
        await roots.NextAsync();
        client.Subscribe(SecretType.Url, Name);
        TestSecretServer.WorldCall call = await server.NextWorldCallAsync();
        await call.NextAsync();

        call.End(StatusCode.Internal, "no such secret yet");
        TestSecretServer.WorldCall again = await server.NextWorldCallAsync();
        DiscoveryRequest request = await again.NextAsync();
        await roots.SendAsync(Response("v1", "n1", "roots"));
        DiscoveryRequest ack = await roots.NextAsync();

        Assert.Equal([Name], request.ResourceNames);
        Assert.Equal("n1", ack.ResponseNonce);
    }

    [Fact]
    public async Task ServerWithoutStreamSecrets_IsAskedByDelta()
    {
        await using TestSecretServer server = await TestSecretServer.StartAsync(isDeltaOnly: true);
        await using SdsClient client = Client(server);
        client.Subscribe(SecretType.Url, Name);
        TestSecretServer.DeltaCall call = await server.NextDeltaCallAsync();

        DeltaDiscoveryRequest first = await call.NextAsync();
        await call.SendAsync(new DeltaDiscoveryResponse
        {
            TypeUrl = SecretType.Url,
            Nonce = "n1",
            Resources = { new Resource { Name = Name, Version = "7", Resource_ = TestSecretServer.Pack("one") } },
        });
        DeltaDiscoveryRequest ack = await call.NextAsync();
        await call.SendAsync(new DeltaDiscoveryResponse
        {
            TypeUrl = SecretType.Url,
            Nonce = "n2",
            RemovedResources = { Name },
        });
        await call.NextAsync();

        Assert.Equal([Name], first.ResourceNamesSubscribe);
        Assert.Equal("node-id", first.Node.Id);
        Assert.Equal("n1", ack.ResponseNonce);
        Assert.Null(ack.ErrorDetail);
        Assert.Equal([$"{Name} 7 one", $"removed {Name}"], _handler.Events);
    }

    [Fact]
    public async Task ReconnectByDelta_SaysWhatIsKnown()
    {
        await using TestSecretServer server = await TestSecretServer.StartAsync(isDeltaOnly: true);
        await using SdsClient client = Client(server);
        client.Subscribe(SecretType.Url, Name);
        TestSecretServer.DeltaCall call = await server.NextDeltaCallAsync();
        await call.NextAsync();
        await call.SendAsync(new DeltaDiscoveryResponse
        {
            TypeUrl = SecretType.Url,
            Nonce = "n1",
            Resources = { new Resource { Name = Name, Version = "7", Resource_ = TestSecretServer.Pack("one") } },
        });
        await call.NextAsync();

        call.End(StatusCode.OK, "");
        DeltaDiscoveryRequest again = await (await server.NextDeltaCallAsync()).NextAsync();

        Assert.Equal("7", again.InitialResourceVersions[Name]);
    }

    [Fact]
    public async Task SocketThatIsNotThere_IsWaitedForWithoutHarm()
    {
        string path;
        await using (TestSecretServer gone = await TestSecretServer.StartAsync())
        {
            path = gone.SocketPath;
        }

        await using SdsClient client = new(
            path, new Node { Id = "node-id" }, TimeProvider.System, NullLogger.Instance);
        client.Register(SecretType.Url, _handler);

        client.Subscribe(SecretType.Url, Name); // and ends with the client, however long nobody listens

        Assert.Empty(_handler.Events);
    }

    [Fact]
    public async Task Unsubscribe_EndsTheStream()
    {
        await using TestSecretServer server = await TestSecretServer.StartAsync();
        await using SdsClient client = Client(server);
        client.Subscribe(SecretType.Url, Name);
        TestSecretServer.WorldCall call = await server.NextWorldCallAsync();
        await call.NextAsync();

        client.Unsubscribe(SecretType.Url, Name);

        await Assert.ThrowsAnyAsync<Exception>(call.NextAsync);
    }

    private SdsClient Client(TestSecretServer server)
    {
        SdsClient client = new(
            server.SocketPath, new Node { Id = "node-id" }, TimeProvider.System, NullLogger.Instance);
        client.Register(SecretType.Url, _handler);
        return client;
    }

    private static DiscoveryResponse Response(string version, string nonce, string content) => new()
    {
        TypeUrl = SecretType.Url,
        VersionInfo = version,
        Nonce = nonce,
        Resources = { TestSecretServer.Pack(content) },
    };
}
