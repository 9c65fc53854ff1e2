using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Ztunnel.Admin;
using Ztunnel.Linux;
using Ztunnel.Telemetry;
using Ztunnel.Tests.Telemetry;

namespace Ztunnel.Tests.Admin;

public sealed class AdminServersTests : IAsyncLifetime
{
    private const string Help =
        "\nusage: POST /logging\t\t\t\t\t\t(To list current level)\nusage: POST /logging?level=<level>\t\t\t\t(To change global levels)\nusage: POST /logging?level={mod1}:{level1},{mod2}:{level2}\t(To change specific mods' logging level)\n\nhint: loglevel:\terror|warn|info|debug|trace|off\nhint: mod_name:\tthe module name, i.e. ztunnel::proxy\n";

    private readonly LogCapture _log = new("info,dns=debug");
    private readonly HttpClient _http = new();
    private readonly TaskCompletionSource _quit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ReadinessTasks _tasks;
    private readonly ReadinessTask _state;
    private readonly AdminServers _servers;
    private bool _dumpFails;

    public AdminServersTests()
    {
        _tasks = new ReadinessTasks(_log.Factory, TimeProvider.System);
        _state = _tasks.Register("state manager");
        _servers = Servers(new InetEndpoint(InetAddress.LoopbackV4, 0), TimeSpan.FromSeconds(2));
    }

    public Task InitializeAsync() => _servers.StartAsync(CancellationToken.None);

    public async Task DisposeAsync()
    {
        await _servers.DisposeAsync();
        _http.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task Readiness_PendingThenReady_AsSampled()
    {
        _tasks.Register("workload proxy manager");
        await Expect("readiness", "GET", "/healthz/ready", 500, "text/plain", "not ready, pending: state manager, workload proxy manager\n");

        _state.Complete();
        _tasks.Register("workload proxy manager").Complete();

        await Expect("readiness", "GET", "/healthz/ready", 200, "text/plain", "ready\n");
        await Expect("readiness", "POST", "/healthz/ready", 405, null, "");
        await Expect("readiness", "GET", "/healthz", 404, null, "");
    }

    [Fact]
    public async Task Logging_EveryForm_AsSampled()
    {
        const string Current = "current log level is hickory_server::server=off,";
        (string Query, string Filter)[] accepted =
        [
            ("", "dns=debug,info"), ("?level=", "dns=debug,info"), ("?level=debug", "dns=debug,debug"),
            ("?level=access=debug,info", "access=debug,dns=debug,info"),
            ("?level=ztunnel::proxy=trace", "ztunnel::proxy=trace,access=debug,dns=debug,info"),
            ("?reset&level=warn", "dns=debug,warn"), ("?level=info&reset", "dns=debug,info"), ("?reset", "dns=debug,info"),
            ("?level=off", "dns=debug,off"), ("?reset", "dns=debug,info"), ("?x=1", "dns=debug,info"),
            ("?level=access:debug", "access=debug,dns=debug,info"), ("?reset=", "dns=debug,info"),
        ];
        foreach ((string query, string filter) in accepted)
        {
            await Expect("admin", "POST", $"/logging{query}", 200, "text/plain", $"{Current}{filter}\n");
        }

        foreach (string level in (string[])["DEBUG", "foo", "xds=foo"])
        {
            await Expect("admin", "POST", $"/logging?level={level}", 400, "text/plain", $"Invalid level provided: {level}\n{Help}");
        }

        await Expect("admin", "GET", "/logging", 405, "text/plain", $"Invalid HTTP method\n {Help}");
        await Expect("admin", "PUT", "/logging?level=debug", 405, "text/plain", $"Invalid HTTP method\n {Help}");
        Assert.Contains("\tinfo\tadmin\tnew log filter is hickory_server::server=off,dns=debug,debug\t\n", _log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConfigDump_Sections_AreSortedIndentedAndStreamed()
    {
        HttpResponseMessage response = await _http.GetAsync(Url("admin", "/config_dump"));

        string text = await response.Content.ReadAsStringAsync();
        using JsonDocument document = JsonDocument.Parse(text);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(["certificates", "policies", "version", "workloads"], document.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.StartsWith("{\n  \"certificates\": {\n    \"c0\": 0,\n", text, StringComparison.Ordinal);
        Assert.Contains("\n  },\n  \"policies\": [],\n  \"version\": {\n    \"buildProfile\": ", text, StringComparison.Ordinal);
        Assert.Equal(20_000, document.RootElement.GetProperty("workloads").GetArrayLength());
        Assert.Contains("\"http://ö/<w>\"", text, StringComparison.Ordinal);
        await Expect("admin", "HEAD", "/config_dump", 200, "application/json", "");
    }

    [Fact]
    public async Task ConfigDump_SectionFails_Answers500WithTheReason()
    {
        _dumpFails = true;

        await Expect("admin", "GET", "/config_dump", 500, "text/plain", "state is gone\n");
    }

    [Fact]
    public async Task QuitQuitQuit_OnlyPost_AsksForTheEndAfterTheAnswer()
    {
        await Expect("admin", "GET", "/quitquitquit", 405, null, "");
        Assert.False(_quit.Task.IsCompleted);

        await Expect("admin", "POST", "/quitquitquit", 200, "text/plain", "shutdown now\n");
        await _quit.Task;
    }

    [Theory]
    [InlineData("/nope", 404, "")]
    [InlineData("/debug/pprof/profile?seconds=0", 400, "invalid seconds value; expected 1-300\n")]
    [InlineData("/debug/pprof/profile?seconds=301", 400, "invalid seconds value; expected 1-300\n")]
    [InlineData("/debug/pprof/profile?frequency=x", 400, "invalid frequency value; expected 1-1000\n")]
    [InlineData("/debug/pprof/profile?seconds=3&frequency=1000", 501, "CPU profiles are not supported")]
    [InlineData("/debug/pprof/heap", 500, "heap profiling is not supported")]
    public async Task Admin_OtherPaths_AnswerPlainly(string path, int status, string body)
    {
        HttpResponseMessage response = await _http.GetAsync(Url("admin", path));

        Assert.Equal(status, (int)response.StatusCode);
        Assert.StartsWith(body, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Index_Page_IsHtmlAndEncodesWhatOthersWrote()
    {
        HttpResponseMessage response = await _http.GetAsync(Url("admin", "/"));

        string page = await response.Content.ReadAsStringAsync();
        Assert.Equal("text/html; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Contains("Waiting for: state manager", page, StringComparison.Ordinal);
        Assert.Contains("<td>&lt;script&gt;</td>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.Contains("ztunnel-0", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("gzip", "gzip")]
    [InlineData("gzip;q=0.5, br", "br")]
    [InlineData("deflate", "deflate")]
    [InlineData("zstd, identity", null)]
    public async Task Metrics_AcceptEncoding_IsFollowed(string? accept, string? coding)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, Url("stats", "/stats/prometheus"));
        request.Headers.TryAddWithoutValidation("Accept-Encoding", accept);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/openmetrics-text"));

        HttpResponseMessage response = await _http.SendAsync(request);

        Stream body = await response.Content.ReadAsStreamAsync();
        using StreamReader reader = new(coding switch
        {
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            "deflate" => new ZLibStream(body, CompressionMode.Decompress),
            _ => body,
        });
        Assert.Equal("application/openmetrics-text; charset=utf-8; version=1.0.0", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(coding, response.Content.Headers.ContentEncoding.SingleOrDefault());
        Assert.EndsWith("istio_tcp_sockets_open{reporter=\"source\"} 1\n# EOF\n", await reader.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_OtherMethodsAndPaths_AnyMethodKnownPathsOnly()
    {
        await Expect("stats", "GET", "/", 404, null, "");
        await Expect("stats", "HEAD", "/metrics", 200, "text/plain; charset=utf-8", "");
        using HttpRequestMessage post = new(HttpMethod.Post, Url("stats", "/metrics"));
        Assert.Equal(HttpStatusCode.OK, (await _http.SendAsync(post)).StatusCode);
    }

    [Fact]
    public async Task Request_ClientHalfCloses_IsAnswered()
    {
        for (int round = 0; round < 100; round++) // FIN may overtake the request inside the server
        {
            using TcpClient client = await Connect("readiness");
            NetworkStream stream = client.GetStream();

            await stream.WriteAsync("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
            client.Client.Shutdown(SocketShutdown.Send);

            Assert.StartsWith("HTTP/1.1 404 ", await ReadAll(stream), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Request_HeadOver8Kib_IsRefused()
    {
        using TcpClient client = await Connect("admin");
        NetworkStream stream = client.GetStream();

        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: x\r\nA: {new string('a', 9000)}\r\n\r\n"));

        Assert.StartsWith("HTTP/1.1 431 ", await ReadAll(stream), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("GET / HT")]
    public async Task Request_HeadStalls_ConnectionEndsAtTheDeadline(string sent)
    {
        using TcpClient client = await Connect("admin");
        NetworkStream stream = client.GetStream();
        using CancellationTokenSource late = new(TimeSpan.FromSeconds(10));

        await stream.WriteAsync(Encoding.ASCII.GetBytes(sent), late.Token);

        string answer = await ReadAll(stream, late.Token);
        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 408 ", StringComparison.Ordinal), answer);
    }

    [Fact]
    public async Task Start_PortTaken_NamesServerAddressAndReason()
    {
        InetEndpoint taken = Address("admin");
        await using AdminServers second = Servers(taken, TimeSpan.FromSeconds(2));

        BindException failure = await Assert.ThrowsAsync<BindException>(() => second.StartAsync(CancellationToken.None));

        Assert.Equal($"readiness server: failed to bind to address {taken}: Address already in use", failure.Message);
    }

    [Fact]
    public async Task Start_Bound_LogsEachListener()
    {
        string log = _log.Text;

        Assert.Contains($"\tinfo\tadmin\tlistener established\taddress={Address("admin")} component=\"admin\"\n", log, StringComparison.Ordinal);
        Assert.Contains($"address={Address("readiness")} component=\"readiness\"\n", log, StringComparison.Ordinal);
        await _servers.StopAsync(CancellationToken.None);
        await Assert.ThrowsAnyAsync<Exception>(() => _http.GetAsync(Url("admin", "/")));
    }

    private AdminServers Servers(InetEndpoint address, TimeSpan headTimeout)
    {
        MetricSet metrics = new(1);
        new TrafficMetrics(metrics, TimeSpan.Zero, TimeProvider.System).SocketOpened(0, Reporter.Source);
        BuildInfo build = BuildInfo.Of(null, "test");
        ConfigDump dump = new(
        [
            DumpSection.OfArray("workloads", () => Enumerable.Range(0, 20_000), (json, _) => json.WriteStringValue("http://ö/<w>")),
            DumpSection.Of("version", build.WriteTo),
            DumpSection.OfObject("certificates", () => Enumerable.Range(0, 1000), (json, at) => json.WriteNumber($"c{at}", at)),
            DumpSection.OfArray("policies", () => _dumpFails ? throw new IOException("state is gone") : Array.Empty<int>(), (_, _) => { }),
        ]);
        StatusPage page = new(
            new StatusSources
            {
                Build = build,
                Readiness = _tasks,
                Workers = () => [new WorkerFigures { Index = 0, Connections = 3 }],
                Tables = [new StatusTable("Names", ["name"], () => [["<script>"]])],
            },
            TimeProvider.System);
        AdminOptions options = new() { Admin = [address], Stats = [address], Readiness = [address], HeadTimeout = headTimeout };
        return new AdminServers(
            options, new AdminSite(dump, _log.Factory, page, _quit.SetResult), new StatsSite(metrics),
            new ReadinessSite(_tasks), _log.Factory);
    }

    private InetEndpoint Address(string component) => _servers.Bound.First(b => b.Component == component).Address;

    private string Url(string component, string path) => $"http://{Address(component)}{path}";

    private async Task<TcpClient> Connect(string component)
    {
        TcpClient client = new();
        await client.ConnectAsync(IPAddress.Loopback, Address(component).Port);
        return client;
    }

    private static async Task<string> ReadAll(NetworkStream stream, CancellationToken aborted = default)
    {
        using MemoryStream all = new();
        try
        {
            await stream.CopyToAsync(all, aborted);
        }
        catch (IOException)
        {
            // A reset ends it as well.
        }

        return Encoding.ASCII.GetString(all.ToArray());
    }

    private async Task Expect(string component, string method, string path, int status, string? type, string body)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), Url(component, path));
        HttpResponseMessage response = await _http.SendAsync(request);
        Assert.Equal((status, type, body), ((int)response.StatusCode, response.Content.Headers.ContentType?.ToString(), await response.Content.ReadAsStringAsync()));
    }
}
