using Ztunnel.Hbone.Http2;

namespace Ztunnel.Hbone.Tests;

/// <summary>Keepalive, GOAWAY in both steps, GOAWAY received.</summary>
public sealed class Http2DrainTests
{
    [Fact]
    public void BeginDrain_Server_ServesUntilTheSecondGoAway()
    {
        Peer server = Peer.ConnectedServer();
        server.Connection.BeginDrain();
        server.Connection.BeginDrain();
        List<string> first = server.TakeOutput();

        server.Receive(Wire.Connect(3));
        Assert.Equal(["headers 3 1"], server.TakeOutput());
        ulong payload = Convert.ToUInt64(first[1][5..], 16);
        server.Receive(Wire.Ping(payload, ack: true), Wire.Connect(5), Wire.Data(5, "lost"));

        Assert.Equal("goaway 2147483647 NoError", first[0]);
        Assert.Equal(["goaway 3 NoError"], server.TakeOutput());
        Assert.Equal("drained", server.Events.Lines[^1]);
        Assert.Equal(2, server.Connection.ActiveStreams);
        server.Receive(Wire.Data(3, "still here"));
        Assert.Equal("data 3 still here", server.Events.Lines[^1]);
    }

    [Fact] // hbone.md §2.3: the reference tears the client's streams down
    public void Receive_GoAwayFromAClient_ItsStreamsGoOnAndNewOnesToo()
    {
        Peer server = Peer.ConnectedServer();

        server.Receive(Wire.GoAway(0), Wire.Data(1, "x"), Wire.Connect(3));

        Assert.Equal(
            ["goaway 0 NoError", "data 1 x", "request 3 CONNECT 10.0.0.1:80"], server.Events.Lines.TakeLast(3));
        Assert.Equal(2, server.Connection.ActiveStreams);
    }

    [Fact]
    public void OnTick_PongInTime_PingsAgainAfterTheInterval()
    {
        Peer client = Peer.ConnectedClient();
        long start = client.Now;
        Assert.Equal(start + 10_000, client.Connection.NextDeadline);

        Assert.Equal(TickDecision.None, client.Connection.OnTick(start + 10_000));
        ulong payload = Convert.ToUInt64(client.TakeOutput().Single()[5..], 16);
        client.Now = start + 10_003;
        client.Receive(Wire.Ping(payload, ack: true));

        Assert.Equal("pong 3", client.Events.Lines[^1]);
        Assert.Equal(start + 20_003, client.Connection.NextDeadline);
    }

    [Theory]
    [InlineData(Http2Role.Server)]
    [InlineData(Http2Role.Client)]
    public void OnTick_NoPong_GivesUpAfterThirtySeconds(Http2Role role)
    {
        Peer peer = role == Http2Role.Server ? Peer.ConnectedServer() : Peer.ConnectedClient();
        peer.Connection.OnTick(peer.Now + 10_000);
        peer.TakeOutput();

        Assert.Equal(TickDecision.None, peer.Connection.OnTick(peer.Now + 29_999));
        Assert.Equal(TickDecision.KeepAliveTimeout, peer.Connection.OnTick(peer.Now + 30_000));
        Assert.Equal(role == Http2Role.Server ? ["goaway 1 NoError"] : [], peer.TakeOutput());
    }
}
