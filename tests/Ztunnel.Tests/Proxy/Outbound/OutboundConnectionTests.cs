using System.Collections.Concurrent;
using System.Net.Sockets;
using Ztunnel.Config;
using Ztunnel.Hbone;
using Ztunnel.Linux;
using Ztunnel.Proxy.Tunnels;
using Ztunnel.Tests.Linux;
using Ztunnel.Tests.Proxy.Tunnels;

namespace Ztunnel.Tests.Proxy.Outbound;

/// <summary>What becomes of a connection whose endpoint does not take it.</summary>
public sealed class OutboundConnectionTests : IAsyncDisposable
{
    private OutboundLab? _lab;

    public async ValueTask DisposeAsync()
    {
        if (_lab is not null)
        {
            await _lab.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_EndpointRefusesTcp_GoesToTheOtherAndIsOneConnection(bool isHbone)
    {
        OutboundLab lab = New(isHbone);
        await GreetAsync(lab, OutboundLab.Second, isHbone);

        Assert.Equal("hi", await ReadAsync(lab));

        string line = await lab.LineAsync("connection complete");
        Assert.Contains($"dst.addr=127.0.0.3:{lab.Port} ", line, StringComparison.Ordinal);
        Assert.Contains("dst.workload=\"second\"", line, StringComparison.Ordinal);
        Assert.DoesNotContain("error", line, StringComparison.Ordinal);
        Assert.Equal((1, 1), (lab.Retries, lab.Avoided));
        Assert.Equal(["opened", "closed"], await CountsAsync(lab));
    }

    [Fact]
    public async Task Call_DestinationUnknown_AsksForItOnceAndGoesThere()
    {
        OutboundLab lab = New(isHbone: false);
        await GreetAsync(lab, OutboundLab.First, isHbone: false);
        ConcurrentQueue<string> asked = lab.LearnOnDemand();

        Assert.Equal("hi", await ReadAsync(lab));
        Assert.Equal("hi", await ReadAsync(lab));

        Assert.Equal(["/10.96.0.1"], asked);
    }

    [Fact]
    public async Task Call_NobodySaysWhatTheDestinationIs_IsNotMadeInPlaintext()
    {
        OutboundLab lab = New(isHbone: false);
        lab.LearnNothing();

        Assert.Equal("", await ReadAsync(lab));

        string line = await lab.LineAsync("connection failed");
        Assert.Contains(
            "error=\"the control plane did not say in time what the destination is\"", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_AfterAFailure_AvoidsThatEndpoint()
    {
        OutboundLab lab = New(isHbone: false);
        await GreetAsync(lab, OutboundLab.Second, isHbone: false);
        Assert.Equal("hi", await ReadAsync(lab));

        Assert.Equal("hi", await ReadAsync(lab));

        Assert.Equal((1, 1), (lab.Retries, lab.Avoided));
    }

    [Fact]
    public async Task Call_AvoidanceOff_TriesTheFirstEveryTime()
    {
        OutboundLab lab = New(false, config => config with { Endpoints = new EndpointOptions { AvoidsFailed = false } });
        await GreetAsync(lab, OutboundLab.Second, isHbone: false);

        Assert.Equal("hi", await ReadAsync(lab));
        Assert.Equal("hi", await ReadAsync(lab));

        Assert.Equal((2, 0), (lab.Retries, lab.Avoided));
    }

    [Fact]
    public async Task Call_RetriesOff_FailsAtOnceAndStillAvoids()
    {
        OutboundLab lab = New(false, config => config with { Endpoints = new EndpointOptions { ConnectRetries = 0 } });
        await GreetAsync(lab, OutboundLab.Second, isHbone: false);

        Assert.Equal("", await ReadAsync(lab));
        await lab.LineAsync("dst.workload=\"first\"", "error=\"io error: Connection refused (os error 111)\"");
        Assert.Equal("hi", await ReadAsync(lab));

        Assert.Equal((0, 1), (lab.Retries, lab.Avoided));
    }

    [Fact]
    public async Task Call_NobodyListens_TriesBothAndTellsOfTheLast()
    {
        OutboundLab lab = New(isHbone: true);

        Assert.Equal("", await ReadAsync(lab));

        await lab.LineAsync("dst.workload=\"second\"", "error=\"io error: Connection refused (os error 111)\"");
        Assert.Equal((1, 2), (lab.Retries, lab.Avoided));
        Assert.Equal(["opened", "closed", "failed"], await CountsAsync(lab));
    }

    [Fact]
    public async Task Call_OnlyEndpointFailed_IsTriedAgain()
    {
        OutboundLab lab = New(isHbone: false);
        lab.Remove("first");
        Assert.Equal("", await ReadAsync(lab));

        await GreetAsync(lab, OutboundLab.Second, isHbone: false);

        Assert.Equal("hi", await ReadAsync(lab));
        Assert.Equal((0, 0), (lab.Retries, lab.Avoided)); // its success is the end of the doubts
    }

    [Theory]
    [InlineData(503, true)]
    [InlineData(401, false)]
    [InlineData(400, false)]
    public async Task Call_PeerAnswersNo_OnlyUnavailableGoesElsewhere(int status, bool goesElsewhere)
    {
        OutboundLab lab = New(isHbone: true);
        await GreetAsync(lab, OutboundLab.Second, isHbone: true);
        await lab.ServeAsync(OutboundLab.First, "first", (tunnel, stream) => Answer(tunnel, stream, status));

        Assert.Equal(goesElsewhere ? "hi" : "", await ReadAsync(lab));

        Assert.Equal(goesElsewhere ? (1, 1) : (0, 0), (lab.Retries, lab.Avoided));
    }

    [Fact]
    public async Task Call_PeerIsSomebodyElse_GoesElsewhereAndExpectsTheOther()
    {
        OutboundLab lab = New(isHbone: true);
        await lab.ServeAsync(OutboundLab.First, "second", Greet);
        await GreetAsync(lab, OutboundLab.Second, isHbone: true);

        Assert.Equal("hi", await ReadAsync(lab));

        await lab.LineAsync($"dst.addr=127.0.0.3:{lab.Port} ", "dst.identity=\"spiffe://cluster.local/ns/shop/sa/second\"");
    }

    [Fact]
    public async Task Call_PeerRefusesEveryStream_GoesElsewhere()
    {
        OutboundLab lab = New(isHbone: true);
        await lab.ServeAsync(OutboundLab.First, "first", (tunnel, stream) =>
        {
            tunnel.Core.Reset(stream, Ztunnel.Hbone.Http2.Http2ErrorCode.RefusedStream);
            tunnel.OnOutput();
        });
        await GreetAsync(lab, OutboundLab.Second, isHbone: true);

        Assert.Equal("hi", await ReadAsync(lab));
    }

    [Fact]
    public async Task Call_PeerSaysNothing_GoesElsewhereWithinTheTimeForConnecting()
    {
        OutboundLab lab = New(true, config => config with
        {
            Deadlines = new DeadlineOptions { Connect = TimeSpan.FromMilliseconds(300) },
        });
        lab.Listen(OutboundLab.First, static _ => { });
        await GreetAsync(lab, OutboundLab.Second, isHbone: true);

        Assert.Equal("hi", await ReadAsync(lab));

        Assert.Equal((1, 1), (lab.Retries, lab.Avoided));
    }

    [Fact]
    public async Task Call_OnlyAPlainEndpointIsLeft_IsNotSentInTheClear()
    {
        OutboundLab lab = New(isHbone: true);
        lab.MakePlain("second");
        await GreetAsync(lab, OutboundLab.Second, isHbone: false);

        Assert.Equal("", await ReadAsync(lab));

        await lab.LineAsync("dst.workload=\"first\"", "error=\"io error: Connection refused (os error 111)\"");
        Assert.Equal(0, lab.Retries);
    }

    [Fact]
    public async Task Call_AfterATunnelFailed_IsNotSentInTheClearEither()
    {
        OutboundLab lab = New(isHbone: true);
        lab.MakePlain("second");
        await GreetAsync(lab, OutboundLab.Second, isHbone: false);
        Assert.Equal("", await ReadAsync(lab));
        Assert.Equal(1, lab.Avoided);

        Assert.Equal("", await ReadAsync(lab));
    }

    [Fact]
    public async Task Call_ApplicationResetsWhileNobodyAnswers_IsOverAtOnce()
    {
        OutboundLab lab = New(isHbone: true);
        lab.Listen(OutboundLab.First, static _ => { });
        Socket application = await lab.CallAsync();

        application.LingerState = new LingerOption(true, 0);
        application.Dispose();

        string line = await lab.LineAsync("connection complete");
        Assert.DoesNotContain("error", line, StringComparison.Ordinal);
        Assert.Equal(["opened", "closed"], await CountsAsync(lab));
    }

    private static void Greet(TunnelConnection tunnel, Http2Stream stream) => Answer(tunnel, stream, 200);

    private static void Answer(TunnelConnection tunnel, Http2Stream stream, int status)
    {
        tunnel.Core.Respond(stream, status, baggage: null, endStream: status != 200);
        if (status == 200)
        {
            tunnel.Core.QueueData(stream, "hi"u8, endStream: true);
        }

        tunnel.OnOutput();
    }

    // Whoever is called says "hi" and no more.
    private static Task GreetAsync(OutboundLab lab, InetAddress address, bool isHbone)
    {
        if (isHbone)
        {
            return lab.ServeAsync(address, address == OutboundLab.First ? "first" : "second", Greet);
        }

        lab.Listen(address, static socket =>
        {
            socket.Send("hi"u8);
            socket.ShutdownWrite();
        });
        return Task.CompletedTask;
    }

    private static async Task<string> ReadAsync(OutboundLab lab)
    {
        Socket application = await lab.CallAsync();
        byte[] answer = await LabStream.ReadToEndAsync(application);
        application.Shutdown(SocketShutdown.Send);
        return System.Text.Encoding.ASCII.GetString(answer);
    }

    // Which of the traffic families count one connection, in the order of its life.
    private static async Task<string[]> CountsAsync(OutboundLab lab)
    {
        string text = await lab.ScrapeAsync();
        return [.. new[] { "opened", "closed", "failed" }.Where(family => text.Split('\n').Any(line =>
            line.StartsWith($"istio_tcp_connections_{family}_total", StringComparison.Ordinal)
            && line.EndsWith(" 1", StringComparison.Ordinal)))];
    }

    private OutboundLab New(bool isHbone, Func<ProxyConfig, ProxyConfig>? change = null) =>
        _lab = new OutboundLab(isHbone, change);
}
