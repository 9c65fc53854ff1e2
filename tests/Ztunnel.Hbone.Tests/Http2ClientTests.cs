using Ztunnel.Hbone.Http2;

namespace Ztunnel.Hbone.Tests;

public sealed class Http2ClientTests
{
    [Fact]
    public void Start_Client_SendsPrefaceSettingsAndTheConnectionWindow()
    {
        Peer client = new(Http2Role.Client);

        Assert.Equal(
            ["preface", "settings 000200000000" + "000400400000" + "000500100000" + "000600004000",
                "window 0 16711681"],
            client.TakeOutput());
    }

    [Fact]
    public void CanOpen_BeforeAndAfterSettings_FollowsThePeersLimit()
    {
        Peer client = new(Http2Role.Client);
        Assert.Equal((100, true), (client.Connection.OpenLimit, client.Connection.CanOpen));

        client.Receive(Wire.Settings((SettingId.MaxConcurrentStreams, 1)));
        client.Connection.Open(Peer.Request(), null);

        Assert.Equal((1, false), (client.Connection.OpenLimit, client.Connection.CanOpen));
        Assert.Equal(1, client.Connection.ActiveStreams);
        Assert.Throws<InvalidOperationException>(() => client.Connection.Open(Peer.Request(), null));
        client.Receive(Wire.Reset(1));
        Assert.True(client.Connection.CanOpen);
    }

    [Fact]
    public void Receive_SettingsWithoutLimit_LiftTheAssumption()
    {
        Peer client = Peer.Client();

        Assert.Equal(int.MaxValue, client.Connection.OpenLimit);
        Assert.Equal(16_384, client.Connection.PeerMaxFrameSize);
    }

    [Fact]
    public void Open_WithForwardedNetwork_SendsItEvenWhenEmpty()
    {
        Peer server = Peer.Server();
        Peer client = Peer.Client();

        client.Connection.Open(Peer.Request() with { ForwardedNetwork = "" }, null);
        server.Receive(client.TakeBytes());

        Assert.Equal("", server.Events.LastRequest!.ForwardedNetwork);
    }

    [Theory]
    [InlineData("200", false)]
    [InlineData("401", true)]
    [InlineData("503", true)]
    [InlineData("999", false)]
    public void Receive_Response_IsReported(string status, bool end)
    {
        Peer client = OpenClient();

        client.Receive(Wire.Response(1, status, end));

        Assert.Equal($"response 1 {status}{(end ? " end" : "")}", client.Events.Lines[^1]);
    }

    [Fact]
    public void Receive_InformationalThenFinal_OnlyTheFinalCounts()
    {
        Peer client = OpenClient();

        client.Receive(Wire.Response(1, "103"), Wire.Response(1, "100"), Wire.Response(1, "200"));

        Assert.Equal(["settings", "response 1 200"], client.Events.Lines);
    }

    public static TheoryData<string, byte[]> MalformedResponses => new()
    {
        { "no status", Wire.Headers(1, false, ("a", "b")) },
        { "empty", Wire.Headers(1, false) },
        { "with method", Wire.Headers(1, false, (":status", "200"), (":method", "GET")) },
        { "two", Wire.Headers(1, false, (":status", "200"), (":status", "200")) },
        { "behind", Wire.Headers(1, false, ("a", "b"), (":status", "200")) },
        { "no number", Wire.Response(1, "2xx") },
        { "two digits", Wire.Response(1, "20") },
        { "below 100", Wire.Response(1, "099") },
        { "101", Wire.Response(1, "101") },
        { "1xx with END_STREAM", Wire.Response(1, "103", end: true) },
        { "upper case", Wire.Headers(1, false, (":status", "200"), ("A", "b")) },
        { "connection", Wire.Headers(1, false, (":status", "200"), ("connection", "close")) },
        { "blank", Wire.Headers(1, false, (":status", "200"), ("a", " b")) },
        { "too large", Wire.Headers(1, false, (":status", "200"), ("a", new string('b', 17_000))) },
        { "DATA first", Wire.Data(1, "x") },
    };

    [Theory, MemberData(nameof(MalformedResponses))]
    public void Receive_MalformedResponse_ResetsTheStream(string what, byte[] frames)
    {
        Peer client = OpenClient();

        client.Receive(frames, Wire.Response(1, "200"));

        Assert.True(client.TakeOutput() is ["rst 1 ProtocolError"], what);
        Assert.Equal(["settings", "reset 1 ProtocolError Local", "closed 1"], client.Events.Lines);
    }

    [Theory]
    [InlineData("10")]
    [InlineData("abc")]
    public void Receive_ContentLengthOnA200_IsIgnored(string length)
    {
        Peer client = OpenClient();

        client.Receive(
            Wire.Headers(1, false, (":status", "200"), ("content-length", length)), Wire.Data(1, "xyz", end: true));

        Assert.Equal(["data 1 xyz", "end 1"], client.Events.Lines.Skip(2));
        Assert.Empty(client.TakeOutput());
    }

    [Fact]
    public void Receive_SecondResponse_IsAStreamError()
    {
        Peer client = Peer.ConnectedClient();

        client.Receive(Wire.Response(1, "200"));

        Assert.Equal(["rst 1 ProtocolError"], client.TakeOutput());
    }

    [Fact]
    public void Receive_HeadersAfterTheEnd_IsAStreamError()
    {
        Peer client = Peer.ConnectedClient();

        client.Receive(Wire.Data(1, "", end: true), Wire.Headers(1, true, ("a", "b")));

        Assert.Equal(["rst 1 StreamClosed"], client.TakeOutput());
    }

    [Theory]
    [InlineData(3)]
    [InlineData(2)]
    public void Receive_ResponseOnAnIdleStream_EndsTheConnection(int stream) =>
        Assert.Equal(Http2ErrorCode.ProtocolError, OpenClient().Violates(Wire.Response(stream, "200")).Code);

    [Fact]
    public void Receive_EnablePushFromAServer_IsAProtocolError() => Assert.Equal(
        Http2ErrorCode.ProtocolError, Peer.Client().Violates(Wire.Settings((SettingId.EnablePush, 1))).Code);

    [Fact]
    public void Receive_GoAway_RefusesWhatTheServerDidNotSee()
    {
        Peer client = OpenClient();
        client.Connection.Open(Peer.Request(), null);
        client.TakeOutput();

        client.Receive(Wire.GoAway(int.MaxValue), Wire.GoAway(1), Wire.Response(1, "200"));

        Assert.Equal(
            [
                "settings", "goaway 2147483647 NoError", "reset 3 RefusedStream GoAway", "closed 3", "goaway 1 NoError",
                "response 1 200",
            ],
            client.Events.Lines);
        Assert.False(client.Connection.CanOpen);
        Assert.True(client.Connection.IsDraining);
        Assert.Equal([], client.TakeOutput());
    }

    [Fact]
    public void Receive_GoAwayWithDebugData_IsRead()
    {
        Peer client = OpenClient();
        byte[] payload = [0, 0, 0, 1, 0, 0, 0, 11, .. "too_many_pings"u8];

        client.Receive(Wire.Frame(FrameType.GoAway, 0, 0, payload), Wire.Ping(5));

        Assert.Equal("goaway 1 EnhanceYourCalm", client.Events.Lines[^1]);
        Assert.Equal(["ping ack 5"], client.TakeOutput());
    }

    [Fact]
    public void BeginDrain_Client_SaysGoAwayOnceAndOpensNothing()
    {
        Peer client = OpenClient();

        client.Connection.BeginDrain();
        client.Connection.GoAway(Http2ErrorCode.NoError);

        Assert.Equal(["goaway 0 NoError"], client.TakeOutput());
        Assert.False(client.Connection.CanOpen);
    }

    [Fact]
    public void Release_Unanswered_CancelsAndIgnoresTheLateAnswer()
    {
        Peer client = OpenClient();

        client.Connection.Release(client.Stream);
        client.Receive(Wire.Response(1, "200"), Wire.Data(1, "late", end: true));

        Assert.Equal(["rst 1 Cancel"], client.TakeOutput());
        Assert.Equal(["settings", "closed 1"], client.Events.Lines);
    }

    [Fact]
    public void Release_FromWithinTheSecondEnd_ResetsNothing()
    {
        Peer client = Peer.ConnectedClient();
        client.Connection.EndStream(client.Stream);
        client.TakeOutput();
        client.Events.Data = (stream, count, end) =>
        {
            client.Connection.Credit(stream, count);
            client.Connection.Release(stream);
        };

        client.Receive(Wire.Data(1, "last", end: true));

        Assert.Empty(client.TakeOutput());
        Assert.Equal("closed 1", client.Events.Lines[^1]);
        Assert.Equal((0, false), (client.Connection.ActiveStreams, client.Stream.IsReset));
    }

    [Fact]
    public void Open_PeerWithoutDynamicTable_FollowsIt()
    {
        Peer server = Peer.Server();
        Peer client = Peer.Client();
        client.Connection.Open(Peer.Request(), null);
        client.Receive(Wire.Settings((SettingId.HeaderTableSize, 0)));
        client.Connection.Open(Peer.Request(), null);
        client.Connection.Open(Peer.Request("other:1"), null);

        server.Receive(client.TakeBytes());

        Assert.Equal("request 5 CONNECT other:1", server.Events.Lines[^1]);
    }

    private static Peer OpenClient()
    {
        Peer client = Peer.Client();
        client.Events.Streams.Add(client.Connection.Open(Peer.Request(), null));
        client.TakeOutput();
        return client;
    }
}
