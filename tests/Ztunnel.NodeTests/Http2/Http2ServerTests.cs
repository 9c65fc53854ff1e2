using Ztunnel.Lab;
using Ztunnel.NodeTests.Traffic;

namespace Ztunnel.NodeTests.Http2;

/// <summary>Port 15008 as an independent HTTP/2 client sees it.</summary>
[Collection(TrafficCollection.Name)]
public sealed class Http2ServerTests(TrafficMesh mesh) : IDisposable
{
    private const int ProtocolError = 1;
    private const int RefusedStream = 7;

    private readonly Http2Client _client = Http2Client.Start(
        mesh.Mesh.Network, mesh.Outside, mesh.Server.V4, mesh.Mesh.Ca.Root.Issue(mesh.Client));

    private string Echo => $"{mesh.Server.V4}:{TrafficMesh.EchoPort}";

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task Connect_ToAnEchoServer_Gets200AndTheEcho()
    {
        int stream = await _client.ConnectAsync(Echo);
        Http2Event response = await _client.WaitAsync("response", stream);
        _client.Send(stream, "first ");
        _client.Send(stream, "and last", end: true);
        await _client.WaitAsync("ended", stream);

        Assert.Equal(200, response.Code);
        Assert.Contains("k8s.deployment.name=server", response.Headers!["baggage"], StringComparison.Ordinal);
        await _client.WaitForTextAsync(stream, "first and last");
    }

    [Fact]
    public async Task Handshake_WithAGoodCertificate_IsTls13WithH2AndOurSettings()
    {
        Http2Event open = await _client.WaitAsync("open");
        Http2Event settings = await _client.WaitAsync("settings");

        Assert.Matches("^TLSv1.3 TLS_AES_(256_GCM_SHA384|128_GCM_SHA256) h2$", open.Text!);
        Assert.Equal(
            new Dictionary<string, long> { ["3"] = 200, ["4"] = 4_194_304, ["5"] = 1_048_576, ["6"] = 65_536 },
            settings.Settings!);
    }

    [Fact]
    public async Task Connect_ByHostname_ReachesTheServicesPort()
    {
        int stream = await _client.ConnectAsync($"echo.default.svc.cluster.local:{TrafficMesh.ServicePort}");

        Assert.Equal(200, (await _client.WaitAsync("response", stream)).Code);
    }

    [Theory]
    [InlineData("no-port", 400)]
    [InlineData("host:notaport", 400)]
    [InlineData("host:65536", 400)]
    [InlineData("10.77.0.1:7000", 400)] // the client's address, which is not served here
    [InlineData("[::ffff:10.77.0.2]:7000", 400)] // compared as written
    [InlineData("nobody.default.svc.cluster.local:80", 503)]
    [InlineData("echo.default.svc.cluster.local:81", 503)] // a service, but not its port
    [InlineData("user@echo.default.svc.cluster.local:80", 503)] // a hostname nobody has
    [InlineData("10.77.0.2:15008", 503)] // the proxy's own ports
    [InlineData("10.77.0.2:15006", 503)]
    [InlineData("10.77.0.2:15001", 503)]
    [InlineData("10.77.0.2:9", 503)] // nobody listens
    public async Task Connect_ToWhatIsNotServed_IsRefusedWithItsStatus(string authority, int status)
    {
        int stream = await _client.ConnectAsync(authority);
        Http2Event response = await _client.WaitAsync("response", stream);

        Assert.Equal(status, response.Code);
        await _client.WaitAsync("ended", stream);
        Assert.Equal([":status"], response.Headers!.Keys);
        await AssertStillServesAsync();
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task Request_WithAnotherMethod_Is400(string method)
    {
        int stream = await _client.RequestAsync(
            (":method", method), (":scheme", "https"), (":path", "/"), (":authority", Echo));

        Assert.Equal(400, (await _client.WaitAsync("response", stream)).Code);
        await AssertStillServesAsync();
    }

    [Fact]
    public async Task Request_WithTooManyHeaders_Is431()
    {
        (string, string)[] many = [.. Enumerable.Range(0, 70).Select(index => ($"x-{index}", new string('a', 1000)))];

        int stream = await _client.RequestAsync([(":method", "CONNECT"), (":authority", Echo), .. many]);

        Assert.Equal(431, (await _client.WaitAsync("response", stream)).Code);
        await AssertStillServesAsync();
    }

    /// <summary>RFC 9113, sections 8.2 and 8.5.</summary>
    public static TheoryData<string, string[]> Malformed => new()
    {
        { "scheme", [":method", "CONNECT", ":scheme", "https", ":authority", "10.77.0.2:7000"] },
        { "path", [":method", "CONNECT", ":path", "/", ":authority", "10.77.0.2:7000"] },
        { "protocol", [":method", "CONNECT", ":protocol", "x", ":scheme", "https", ":path", "/", ":authority", "10.77.0.2:7000"] },
        { "two methods", [":method", "CONNECT", ":method", "CONNECT", ":authority", "10.77.0.2:7000"] },
        { "late pseudo-header", [":method", "CONNECT", "x", "y", ":authority", "10.77.0.2:7000"] },
        { "unknown pseudo-header", [":method", "CONNECT", ":authority", "10.77.0.2:7000", ":other", "x"] },
        { "upper case", [":method", "CONNECT", ":authority", "10.77.0.2:7000", "X-Upper", "y"] },
        { "connection header", [":method", "CONNECT", ":authority", "10.77.0.2:7000", "connection", "close"] },
    };

    [Theory, MemberData(nameof(Malformed))]
    public async Task Request_ThatIsMalformed_IsResetAndNothingElse(string what, string[] fields)
    {
        int stream = await _client.RequestAsync([.. fields.Chunk(2).Select(pair => (pair[0], pair[1]))]);

        Http2Event reset = await _client.WaitAsync("reset", stream);

        Assert.True(reset.Code == ProtocolError, what);
        Assert.DoesNotContain(_client.Events(), seen => seen.Event == "response" && seen.Stream == stream);
        await AssertStillServesAsync();
    }

    [Fact]
    public async Task Streams_AboveTheAnnouncedLimit_AreRefusedAndTheOthersGoOn()
    {
        List<int> streams = [];
        for (int index = 0; index < 201; index++)
        {
            streams.Add(await _client.ConnectAsync(Echo));
        }

        Http2Event reset = await _client.WaitAsync("reset", streams[200]);

        Assert.Equal(RefusedStream, reset.Code);
        foreach (int stream in streams.Take(200))
        {
            Assert.Equal(200, (await _client.WaitAsync("response", stream)).Code);
        }

        _client.Send(streams[0], "still here");
        await _client.WaitForTextAsync(streams[0], "still here");
    }

    [Fact]
    public async Task Reset_ByTheClient_ReachesTheApplicationAsReset()
    {
        TaskCompletionSource<StreamEnd> end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using AppServer server = new(mesh.Server, async socket => end.SetResult(await Apps.ReadToEndAsync(socket)));
        int stream = await _client.ConnectAsync($"{mesh.Server.V4}:{server.Port}");
        await _client.WaitAsync("response", stream);

        const int connectError = 10; // RFC 9113, section 8.5: the TCP connection was reset
        _client.Reset(stream, connectError);

        Assert.Equal(StreamEnd.Reset, await Patience.ForAsync(end.Task, "the end"));
        await AssertStillServesAsync();
    }

    [Fact]
    public async Task Reset_ByTheApplication_ReachesTheClientAsReset()
    {
        using AppServer server = new(mesh.Server, Apps.ResetAsync);
        int stream = await _client.ConnectAsync($"{mesh.Server.V4}:{server.Port}");
        await _client.WaitAsync("response", stream);

        _client.Send(stream, "x");

        Http2Event end = await _client.WaitAsync(
            seen => seen.Stream == stream && seen.Event is "reset" or "ended", "the end of the stream");
        Assert.Equal("reset", end.Event);
        await AssertStillServesAsync();
    }

    private async Task AssertStillServesAsync()
    {
        int stream = await _client.ConnectAsync(Echo);
        Assert.Equal(200, (await _client.WaitAsync("response", stream)).Code);
    }
}
