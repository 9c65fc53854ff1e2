using Ztunnel.Hbone.Http2;

namespace Ztunnel.Hbone.Tests;

/// <summary>The server role, one row of the rules at a time.</summary>
public sealed class Http2ServerTests
{
    private static readonly (string Name, string Value) Method = (":method", "CONNECT");
    private static readonly (string Name, string Value) Target = (":authority", "10.0.0.1:80");

    [Fact]
    public void Start_Server_SendsSettingsInOrderAndTheConnectionWindow()
    {
        Peer server = new(Http2Role.Server);

        Assert.Equal(
            ["settings 0003000000c8" + "000400400000" + "000500100000" + "000600010000", "window 0 16711681"],
            server.TakeOutput());
    }

    [Fact]
    public void Receive_SettingsAndPing_AreAnswered()
    {
        Peer server = new(Http2Role.Server);
        server.TakeOutput();

        server.Receive(Wire.Preface, Wire.Settings(), Wire.Ping(0xabc));

        Assert.Equal(["settings ack", "ping ack abc"], server.TakeOutput());
    }

    [Fact]
    public void Receive_RequestAfterRequest_GivesWhatTheProxyUses()
    {
        Peer server = Peer.Server();

        server.Receive(Wire.Headers(
            1, false, Method, Target,
            ("baggage", "k8s.pod.name=p"), ("x-other", "é"), ("baggage", "service.name=s"),
            ("forwarded", "host=a"), ("forwarded", "host=b"), ("x-forwarded-network", ""),
            ("traceparent", "00-0000000000000000000000000000000a-000000000000000b-00"), ("te", "trailers")));

        Http2Request request = server.Events.LastRequest!;
        Assert.True(request.IsConnect);
        Assert.Equal("k8s.pod.name=p,service.name=s", request.BaggageText);
        Assert.Equal(("p", "s"), (request.Baggage!.WorkloadName, request.Baggage.ServiceName));
        Assert.Equal("host=a", request.Forwarded);
        Assert.Equal(new TraceParent(10, 11), request.TraceParent);
        Assert.Equal("", request.ForwardedNetwork);
    }

    [Fact]
    public void Receive_ConnectWithoutAuthority_IsLeftToTheProxy()
    {
        Peer server = Peer.Server();

        server.Receive(Wire.Headers(1, false, Method));

        Assert.Contains("request 1 CONNECT -", server.Events.Lines);
    }

    [Fact]
    public void Receive_OtherMethod_IsPassedOn()
    {
        Peer server = Peer.Server();

        server.Receive(Wire.Headers(1, true, (":method", "GET"), (":scheme", "https"), (":path", "/"), Target));

        Assert.Contains("request 1 GET 10.0.0.1:80 end", server.Events.Lines);
    }

    public static TheoryData<string> MalformedRequests => new(
        ":method=CONNECT|:authority=a:1|:scheme=https",
        ":method=CONNECT|:authority=a:1|:path=/",
        ":method=CONNECT|:authority=a:1|:protocol=websocket",
        ":method=CONNECT|:authority=",
        ":method=CONNECT|:authority=a b:1",
        ":method=CONNECT|:authority=a/b:1",
        ":method=CONNECT|:authority=a:1|:authority=a:1",
        ":method=CONNECT|:method=CONNECT|:authority=a:1",
        ":method=|:authority=a:1",
        ":authority=a:1",
        ":method=CONNECT|:authority=a:1|:status=200",
        ":method=CONNECT|x=1|:authority=a:1",
        ":method=CONNECT|:authority=a:1|X=1",
        ":method=CONNECT|:authority=a:1|a b=1",
        ":method=CONNECT|:authority=a:1|a:b=1",
        ":method=CONNECT|:authority=a:1|=1",
        ":method=CONNECT|:authority=a:1|x= 1",
        ":method=CONNECT|:authority=a:1|x=1\t",
        ":method=CONNECT|:authority=a:1|x=a\nb",
        ":method=CONNECT|:authority=a:1|x=a\0b",
        ":method=CONNECT|:authority=a:1|connection=close",
        ":method=CONNECT|:authority=a:1|upgrade=x",
        ":method=CONNECT|:authority=a:1|keep-alive=x",
        ":method=CONNECT|:authority=a:1|proxy-connection=x",
        ":method=CONNECT|:authority=a:1|transfer-encoding=chunked",
        ":method=CONNECT|:authority=a:1|te=gzip",
        ":method=GET|:path=/",
        ":method=GET|:scheme=http",
        ":method=GET|:scheme=http|:path=",
        ":method=G T|:scheme=http|:path=/");

    [Theory, MemberData(nameof(MalformedRequests))]
    public void Receive_MalformedRequest_ResetsTheStreamOnly(string fields)
    {
        Peer server = Peer.Server();

        server.Receive(Wire.Headers(1, false, Fields(fields)), Wire.Data(1, "ignored"), Wire.Connect(3));

        Assert.Equal(["rst 1 ProtocolError"], server.TakeOutput());
        Assert.Equal(["settings", "request 3 CONNECT 10.0.0.1:80"], server.Events.Lines);
    }

    [Fact]
    public void Receive_HeaderListAboveLimit_Answers431AndGoesOn()
    {
        Peer server = Peer.Server();
        byte[] large = Wire.Block(Method, Target, ("x", new string('a', 70_000)));
        byte[] indexed = [.. large, 0x40, .. Wire.Block(("k", "v"))[1..]];

        server.Receive(
            Wire.Frame(FrameType.Headers, FrameFlags.EndHeaders, 1, indexed),
            Wire.Frame(FrameType.Headers, FrameFlags.EndHeaders, 3, [.. Wire.Block(Method, Target), 0xbe]));

        Assert.Equal(["headers 1 5 end", "rst 1 NoError"], server.TakeOutput());
        Assert.Equal(["settings", "request 3 CONNECT 10.0.0.1:80"], server.Events.Lines);
    }

    [Fact]
    public void Receive_MoreStreamsThanAllowed_AreRefused()
    {
        Peer server = Peer.Server(new Http2Options { MaxConcurrentStreams = 2 });

        server.Receive(Wire.Connect(1), Wire.Connect(3), Wire.Connect(5), Wire.Reset(1), Wire.Connect(7));

        Assert.Equal(["rst 5 RefusedStream"], server.TakeOutput());
        Assert.Contains("request 7 CONNECT 10.0.0.1:80", server.Events.Lines);
    }

    [Theory] // §8.5, and §5.1 for the half-closed
    [InlineData(false, false, "rst 1 ProtocolError")]
    [InlineData(false, true, "rst 1 ProtocolError")]
    [InlineData(true, true, "rst 1 StreamClosed")]
    public void Receive_HeadersOnConnectedStream_IsAStreamError(bool ended, bool endStream, string answer)
    {
        Peer server = Peer.ConnectedServer();
        server.Receive(Wire.Data(1, ended ? "" : "x", ended));

        server.Receive(Wire.Headers(1, endStream, ("trailer", "x")), Wire.Data(1, "late"));

        Assert.Equal([answer], server.TakeOutput());
        Assert.EndsWith("closed 1", server.Events.Lines[^1], StringComparison.Ordinal);
        Assert.Contains(server.Events.Lines, static line => line.StartsWith("reset 1", StringComparison.Ordinal));
    }

    [Fact]
    public void Receive_TrailersOfAnotherMethod_EndTheRequest()
    {
        Peer server = Peer.Server();

        server.Receive(
            Wire.Headers(1, false, (":method", "POST"), (":scheme", "http"), (":path", "/")),
            Wire.Headers(1, true, ("trailer", "x")));

        Assert.Equal("end 1", server.Events.Lines[^1]);
    }

    [Fact]
    public void Receive_DataAfterEnd_IsAStreamError()
    {
        Peer server = Peer.ConnectedServer();

        server.Receive(Wire.Data(1, "a", end: true), Wire.Data(1, "b"));

        Assert.Equal(["rst 1 StreamClosed"], server.TakeOutput());
    }

    [Fact]
    public void Receive_DataOfAStreamClosedLongAgo_IsAnsweredAndCredited()
    {
        Peer server = Peer.Server(new Http2Options { ConnectionWindow = 65_535 });
        server.Receive(Wire.Connect(3));

        byte[] data = Wire.Data(1, new string('x', 16_000));
        server.Receive(data, data, Wire.Data(1, new string('x', 767)));

        Assert.Equal(["rst 1 StreamClosed", "window 0 32767"], server.TakeOutput());
    }

    [Fact]
    public void Receive_LateFramesOfAResetStream_AreIgnored()
    {
        Peer server = Peer.ConnectedServer();
        server.Connection.Reset(server.Stream, Http2ErrorCode.Cancel);
        server.TakeOutput();

        server.Receive(
            Wire.Data(1, "late", end: true), Wire.WindowUpdate(1, 5), Wire.Reset(1), Wire.Headers(1, true, ("a", "b")));

        Assert.Equal([], server.TakeOutput());
        Assert.Equal("closed 1", server.Events.Lines[^1]);
    }

    [Theory]
    [InlineData(400, "headers 1 1 end")]
    [InlineData(503, "headers 1 5 end")]
    public void Release_AfterAnErrorResponse_SendsRstNoError(int status, string headers)
    {
        Peer server = Peer.Server();
        server.Receive(Wire.Connect(1));

        server.Connection.Respond(server.Stream, status, null, endStream: true);
        server.Connection.Release(server.Stream);
        server.Connection.Release(server.Stream);

        Assert.Equal([headers, "rst 1 NoError"], server.TakeOutput());
    }

    [Fact]
    public void Release_WithoutOwnEnd_SendsCancel()
    {
        Peer server = Peer.ConnectedServer();

        server.Connection.Release(server.Stream);

        Assert.Equal(["rst 1 Cancel"], server.TakeOutput());
    }

    [Fact]
    public void Release_AfterClientEnded_SendsNothing()
    {
        Peer server = Peer.Server();
        server.Receive(Wire.Connect(1, end: true));

        server.Connection.Respond(server.Stream, 401, null, endStream: true);
        server.Connection.Release(server.Stream);

        Assert.Equal(["headers 1 5 end"], server.TakeOutput());
    }

    [Fact]
    public void Respond_Twice_IsTheOwnersMistake()
    {
        Peer server = Peer.ConnectedServer();

        Assert.Throws<InvalidOperationException>(() => server.Connection.Respond(server.Stream, 200, null, false));
    }

    [Fact]
    public void Respond_StreamResetMeanwhile_DoesNothing()
    {
        Peer server = Peer.Server();
        server.Receive(Wire.Connect(1), Wire.Reset(1));

        server.Connection.Respond(server.Stream, 200, "", endStream: false);
        server.Connection.EndStream(server.Stream);

        Assert.Equal([], server.TakeOutput());
        Assert.Equal(["reset 1 Cancel Peer", "closed 1"], server.Events.Lines.Skip(2));
    }

    [Fact]
    public void Respond_BaggageLongerThanAFrame_IsContinued()
    {
        Peer server = Peer.Server();
        server.Receive(Wire.Connect(1));

        server.Connection.Respond(server.Stream, 200, new string('b', 40_000), endStream: false);

        Assert.Equal(["headers 1 16384", "continuation 1 16384", "continuation 1 7246"], server.TakeOutput());
    }

    private static (string Name, string Value)[] Fields(string text) => [.. text.Split('|').Select(static field =>
    {
        int equals = field.IndexOf('=');
        return (field[..equals], field[(equals + 1)..]);
    })];
}
