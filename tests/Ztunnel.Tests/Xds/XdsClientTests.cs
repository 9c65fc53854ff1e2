using Grpc.Core;
using Ztunnel.Config;
using Ztunnel.ControlPlane;
using Ztunnel.Linux;
using Ztunnel.Protos.Discovery;
using Ztunnel.State;
using Ztunnel.Tests.ControlPlane;
using Ztunnel.Xds;
using Wire = Ztunnel.Protos.Workloads;

namespace Ztunnel.Tests.Xds;

/// <summary>The client against a real gRPC server in TLS.</summary>
public sealed class XdsClientTests
{
    private const string PodA = "c1//Pod/shop/a";
    private const string SecretType = "type.googleapis.com/secret";

    [Fact]
    public async Task Run_FirstPushes_MakeTheMeshKnown()
    {
        await using TestAdsServer server = await TestAdsServer.StartAsync();
        await using XdsLab lab = XdsLab.Of(server);
        TestAdsStream stream = await server.AcceptAsync();

        Assert.Equal(
            new DeltaDiscoveryRequest { Node = new Node { Id = "node" }, TypeUrl = XdsTypes.Address },
            await stream.ReceiveAsync());
        Assert.Equal(XdsTypes.Authorization, (await stream.ReceiveAsync()).TypeUrl);
        await stream.PushAsync(WireMesh.Addresses("1", WireMesh.Pod("a", "10.0.0.1")));
        Assert.False(lab.Client.Synced.IsCompleted);
        await stream.PushAsync(WireMesh.Policies("2"));

        await lab.Client.Synced.WaitAsync(TestAdsStream.Patience);
        Assert.NotNull(lab.Mesh.Current.FindWorkload(PodA));
        Assert.Contains("\tinfo\txds::client:xds{id=1}\tStream established\t", lab.Log, StringComparison.Ordinal);
        string metrics = await lab.MetricsAsync();
        Assert.Contains("ztunnel_xds_connected 1", metrics, StringComparison.Ordinal);
        Assert.Contains($"ztunnel_xds_resources{{url=\"{XdsTypes.Address}\"}} 1", metrics, StringComparison.Ordinal);
        Assert.Contains(
            $"istio_xds_message_total{{url=\"{XdsTypes.Address}\"}} 1", metrics, StringComparison.Ordinal);
    }

    // Whoever runs the client ends with it: going on would look like health.
    [Fact]
    public async Task Run_WhatNobodyExpected_EndsTheClient()
    {
        await using TestAdsServer server = await TestAdsServer.StartAsync();
        await using XdsLab lab = XdsLab.Of(server);
        TestAdsStream stream = await server.AcceptAsync();
        await stream.GreetAsync();
        lab.Mesh.Changed += static _ => throw new IOException("a bug");

        await stream.SendAsync(WireMesh.Addresses("1", WireMesh.Pod("a", "10.0.0.1")));

        Assert.Equal("a bug", (await lab.FailureAsync()).Message);
    }

    [Fact]
    public async Task Run_RefusedThenMended_SaysSoAndGoesOn()
    {
        await using TestAdsServer server = await TestAdsServer.StartAsync();
        await using XdsLab lab = XdsLab.Of(server);
        TestAdsStream stream = await server.AcceptAsync();
        await stream.ReceiveAsync();
        await stream.ReceiveAsync();

        DeltaDiscoveryRequest refusal = await stream.PushAsync(WireMesh.Addresses("1", new Resource { Name = PodA }));
        await stream.PushAsync(WireMesh.Policies("2"));
        await lab.Client.Synced.WaitAsync(TestAdsStream.Patience); // a bad resource keeps no node out of service
        DeltaDiscoveryRequest consent =
            await stream.PushAsync(WireMesh.Addresses("3", WireMesh.Pod("a", "10.0.0.1")));

        Assert.Equal($"{PodA}: XDS payload without resource", refusal.ErrorDetail.Message);
        Assert.Null(consent.ErrorDetail);
        Assert.NotNull(lab.Mesh.Current.FindWorkload(PodA));
        Assert.Contains("\terror\txds::client:xds{id=1}\tsending response\t"
            + $"type_url=\"{XdsTypes.Address}\" nonce=\"1\" type=\"Nack\" "
            + $"error=\"{PodA}: XDS payload without resource\"",
            lab.Log,
            StringComparison.Ordinal);
        Assert.Contains(
            $"ztunnel_xds_rejected_resources_total{{url=\"{XdsTypes.Address}\"}} 1",
            await lab.MetricsAsync(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_UnknownType_IsRefusedOnALivingStream()
    {
        await using TestAdsServer server = await TestAdsServer.StartAsync();
        await using XdsLab lab = XdsLab.Of(server);
        TestAdsStream stream = await server.AcceptAsync();
        await stream.GreetAsync();

        DeltaDiscoveryRequest answer =
            await stream.PushAsync(new DeltaDiscoveryResponse { TypeUrl = "what/ever", Nonce = "x" });

        Assert.Equal("unknown type: what/ever", answer.ErrorDetail.Message);
        Assert.Null((await stream.PushAsync(WireMesh.Addresses("y"))).ErrorDetail);
    }

    [Theory]
    [InlineData(StatusCode.Unknown, "Reconnect")]
    [InlineData(StatusCode.Unavailable, "Error")]
    [InlineData(null, "Complete")]
    public async Task Run_StreamEnds_ComesBackWithWhatItKnows(StatusCode? code, string reason)
    {
        await using TestAdsServer server = await TestAdsServer.StartAsync();
        await using XdsLab lab = XdsLab.Of(server);
        TestAdsStream stream = await server.AcceptAsync();
        await stream.GreetAsync();
        await stream.PushAsync(WireMesh.Addresses("1", WireMesh.Pod("a", "10.0.0.1", "v7")));

        if (code is { } failure)
        {
            stream.End(failure, "over");
        }
        else
        {
            stream.End();
        }

        TestAdsStream next = await server.AcceptAsync();
        (DeltaDiscoveryRequest addresses, _) = await next.GreetAsync();
        Assert.Equal(KeyValuePair.Create(PodA, "v7"), Assert.Single(addresses.InitialResourceVersions));
        Assert.NotNull(lab.Mesh.Current.FindWorkload(PodA)); // nothing is forgotten in between
        Assert.Contains("xds{id=2}\tStream established", lab.Log, StringComparison.Ordinal);
        Assert.Contains(
            $"istio_xds_connection_terminations_total{{reason=\"{reason}\"}} 1",
            await lab.MetricsAsync(),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_ServerDiesInAPushOrTalksNonsense_KeepsTheMeshAndReconnects(bool isNonsense)
    {
        await using TestAdsServer server = await TestAdsServer.StartAsync();
        await using XdsLab lab = XdsLab.Of(server);
        TestAdsStream stream = await server.AcceptAsync();
        await stream.GreetAsync();
        await stream.PushAsync(WireMesh.Addresses("1", WireMesh.Pod("a", "10.0.0.1")));

        await (isNonsense ? stream.SendGarbageAsync() : stream.DieInAPushAsync());

        (DeltaDiscoveryRequest addresses, _) = await (await server.AcceptAsync()).GreetAsync();
        Assert.Single(addresses.InitialResourceVersions);
        Assert.NotNull(lab.Mesh.Current.FindWorkload(PodA));
    }

    [Fact]
    public async Task Run_ServerRestartsWithAnEmptyState_ObeysItsRemovals()
    {
        TestAdsServer first = await TestAdsServer.StartAsync();
        await using XdsLab lab = XdsLab.Of(first);
        TestAdsStream stream = await first.AcceptAsync();
        await stream.GreetAsync();
        await stream.PushAsync(WireMesh.Addresses("1", WireMesh.Pod("a", "10.0.0.1")));
        int port = first.Address.Port;
        await first.DisposeAsync();
        Assert.NotNull(lab.Mesh.Current.FindWorkload(PodA));

        await using TestAdsServer second = await TestAdsServer.StartAsync(first.Certificates, port);
        TestAdsStream next = await second.AcceptAsync();
        await next.GreetAsync(); // says nothing of what was known: it stays
        Assert.NotNull(lab.Mesh.Current.FindWorkload(PodA));

        await next.PushAsync(new DeltaDiscoveryResponse { TypeUrl = XdsTypes.Address, RemovedResources = { PodA } });
        Assert.Null(lab.Mesh.Current.FindWorkload(PodA));
    }

    // Four megabytes at istiod: fifty thousand workloads.
    [Fact]
    public async Task Run_ServerTakesNoRequestThatNamesItAll_AsksWithoutAndRemovesWhatIsGone()
    {
        await using TestAdsServer server = await TestAdsServer.StartAsync(maxRequest: 1024 * 1024);
        await using XdsLab lab = new(XdsLab.OptionsFor(server) with { SweepAfter = TimeSpan.FromMilliseconds(200) });
        Resource[] mesh = [.. Enumerable.Range(0, 20_000).Select(at =>
            WireMesh.ResourceOf(WireMesh.LongNamed(at)))];
        TestAdsStream first = await server.AcceptAsync();
        await first.GreetAsync();
        await first.PushAsync(WireMesh.Addresses("all", mesh));
        first.End();

        TestAdsStream second = await server.AcceptAsync();
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(second.ReceiveAsync);
        second.End(refusal.StatusCode, refusal.Status.Detail);

        TestAdsStream third = await server.AcceptAsync();
        Assert.Empty((await third.ReceiveAsync()).InitialResourceVersions);
        await third.ReceiveAsync();
        await third.PushAsync(WireMesh.Addresses("some", mesh[..10_000]));
        await third.PushAsync(WireMesh.Addresses("the others, but one", mesh[10_001..]));

        await lab.UntilAsync(mesh => mesh.Workloads.Count == 19_999);
        Assert.Null(lab.Mesh.Current.FindWorkload(mesh[10_000].Name));
        await third.PushAsync(WireMesh.Addresses("on it goes", mesh[10_000]));
    }

    [Fact]
    public async Task Run_WrongRoot_IsAConnectionErrorUntilTheFileIsRight()
    {
        await using TestAdsServer server = await TestAdsServer.StartAsync();
        string roots = Path.GetTempFileName();
        await File.WriteAllTextAsync(roots, ServerCertificates.Make("localhost").RootPem);
        XdsClientOptions options = XdsLab.OptionsFor(server);
        await using XdsLab lab = new(options with
        {
            Endpoint = options.Endpoint with { Roots = new RootCertificates(RootSource.File, roots) },
        });
        await WaitForLogAsync(lab, "xds{id=1}\tXDS client connection error: gRPC connection error connecting to "
            + $"https://localhost:{server.Address.Port}: status: ");

        await File.WriteAllTextAsync(roots, server.Certificates.RootPem); // read again for every attempt

        await (await server.AcceptAsync()).GreetAsync();
        await lab.Client.Synced.WaitAsync(TestAdsStream.Patience);
        File.Delete(roots);
    }

    [Fact]
    public async Task Run_ExpiredToken_TriesAgainWithTheTokenOfTheDay()
    {
        await using TestAdsServer server = await TestAdsServer.StartAsync();
        string token = Path.GetTempFileName();
        await File.WriteAllTextAsync(token, "expired\n");
        await using XdsLab lab = new(XdsLab.OptionsFor(server) with
        {
            Headers = new ControlPlaneHeaders(new AuthToken(token, null), "c1", [new("x-extra", "yes")]),
        });
        TestAdsStream refused = await server.AcceptAsync();
        Assert.Equal("Bearer expired", refused.Headers.GetValue("authorization"));
        Assert.Equal("c1", refused.Headers.GetValue("clusterid"));
        Assert.Equal("yes", refused.Headers.GetValue("x-extra"));

        await File.WriteAllTextAsync(token, "fresh\n");
        refused.End(StatusCode.Unauthenticated, "authentication failure: expired");

        TestAdsStream next = await server.AcceptAsync();
        Assert.Equal("Bearer fresh", next.Headers.GetValue("authorization"));
        await next.GreetAsync();
        Assert.Contains(
            "status: Unauthenticated, message: \"authentication failure: expired\" "
                + "(hint: check the control plane logs for more information)",
            lab.Log.Replace("\\\"", "\"", StringComparison.Ordinal),
            StringComparison.Ordinal);
        Assert.Contains(
            "istio_xds_connection_terminations_total{reason=\"ConnectionError\"} 1",
            await lab.MetricsAsync(),
            StringComparison.Ordinal);
        File.Delete(token);
    }

    [Fact]
    public async Task Run_PlainHttp_IsRefusedInOneLine()
    {
        await using TestAdsServer server = await TestAdsServer.StartAsync();
        XdsClientOptions options = XdsLab.OptionsFor(server);
        await using XdsLab lab = new(options with
        {
            Endpoint = options.Endpoint with { Address = new Uri("http://istiod:15010") },
        });

        await WaitForLogAsync(
            lab, "XDS client error: XDS_ADDRESS http://istiod:15010/: only https is spoken with it, retrying in ");
    }

    [Fact]
    public async Task Run_ServerHasAnotherName_NeedsTheAlternative()
    {
        await using TestAdsServer server = await TestAdsServer.StartAsync(ServerCertificates.Make("istiod.test"));
        XdsClientOptions options = XdsLab.OptionsFor(server);
        await using XdsLab lab = new(options with
        {
            Endpoint = options.Endpoint with { AlternativeHostname = "istiod.test" },
        });

        await (await server.AcceptAsync()).GreetAsync();

        await lab.Client.Synced.WaitAsync(TestAdsStream.Patience);
    }

    [Fact]
    public async Task Subscribe_BesideTheMesh_BringsTheResource()
    {
        await using TestAdsServer server = await TestAdsServer.StartAsync();
        RecordingHandler handler = new();
        await using XdsLab lab = new(
            XdsLab.OptionsFor(server), client => client.Register(SecretType, handler));
        TestAdsStream stream = await server.AcceptAsync();
        await stream.GreetAsync();

        lab.Client.Subscribe(SecretType, "cart");
        DeltaDiscoveryRequest request = await stream.ReceiveAsync();
        Assert.Equal((SecretType, "cart"), (request.TypeUrl, Assert.Single(request.ResourceNamesSubscribe)));
        await stream.PushAsync(new DeltaDiscoveryResponse
        {
            TypeUrl = SecretType,
            Nonce = "s",
            Resources =
            {
                new Resource
                {
                    Name = "cart",
                    Version = "v1",
                    Resource_ = new() { TypeUrl = SecretType, Value = Google.Protobuf.ByteString.CopyFromUtf8("key") },
                },
            },
        });

        Assert.Equal(["cart v1 key"], handler.Events);
    }

    [Fact]
    public async Task FetchAsync_OnDemand_BringsTheDestination()
    {
        await using TestAdsServer server = await TestAdsServer.StartAsync();
        await using XdsLab lab = new(XdsLab.OptionsFor(server) with { IsOnDemand = true });
        TestAdsStream stream = await server.AcceptAsync();
        Assert.Equal(["*"], (await stream.ReceiveAsync()).ResourceNamesUnsubscribe);
        await stream.ReceiveAsync();
        await stream.PushAsync(WireMesh.Policies("1"));
        await lab.Client.Synced.WaitAsync(TestAdsStream.Patience);

        Task fetch = lab.Client.FetchAsync("/10.0.0.1", CancellationToken.None).AsTask();
        Assert.Equal(["/10.0.0.1"], (await stream.ReceiveAsync()).ResourceNamesSubscribe);
        Resource pod = WireMesh.Pod("a", "10.0.0.1");
        pod.Aliases.Add("/10.0.0.1");
        await stream.PushAsync(WireMesh.Addresses("2", pod));

        await fetch.WaitAsync(TestAdsStream.Patience);
        Assert.NotNull(lab.Mesh.Current.FindWorkload(new NetworkAddress("", InetAddress.Parse("10.0.0.1"))));
    }

    [Fact]
    public async Task FetchAsync_OfTheWholeMesh_AsksForNothing()
    {
        await using TestAdsServer server = await TestAdsServer.StartAsync();
        await using XdsLab lab = XdsLab.Of(server);

        Task asked = lab.Client.FetchAsync("/10.0.0.1", CancellationToken.None).AsTask();

        Assert.True(asked.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Run_Stopped_EndsWithoutAWord()
    {
        await using TestAdsServer server = await TestAdsServer.StartAsync();
        await using XdsLab lab = XdsLab.Of(server);
        await (await server.AcceptAsync()).GreetAsync();

        await lab.StopAsync();

        Assert.DoesNotContain("\twarn\t", lab.Log, StringComparison.Ordinal);
        Assert.Contains("ztunnel_xds_connected 0", await lab.MetricsAsync(), StringComparison.Ordinal);
    }

    // The log has no event to wait for; what is waited for was written by a running client.
    private static async Task WaitForLogAsync(XdsLab lab, string text)
    {
        using CancellationTokenSource patience = new(TestAdsStream.Patience);
        while (!lab.Log.Contains(text, StringComparison.Ordinal))
        {
            Assert.False(patience.IsCancellationRequested, lab.Log);
            await Task.Yield();
        }
    }
}
