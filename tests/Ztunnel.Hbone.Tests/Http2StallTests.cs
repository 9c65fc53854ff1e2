using Ztunnel.Hbone.Http2;

namespace Ztunnel.Hbone.Tests;

/// <summary>Peers that begin something and leave us waiting; found by the clock.</summary>
public sealed class Http2StallTests
{
    [Fact]
    public void ZeroWindowHold_ManyStreams_BitesOnTheTick()
    {
        Peer server = Accepting();
        server.Receive(Wire.Settings((SettingId.InitialWindowSize, 0)));
        for (int i = 0; i < 9; i++)
        {
            server.Receive(Wire.Connect((2 * i) + 1));
            Assert.Equal(0, server.Connection.SendAllowance(server.Events.Streams[i]));
        }

        Assert.Equal(TickDecision.None, TickUntil(server, server.Now + 599_000));
        Assert.Equal(TickDecision.Abuse, TickUntil(server, server.Now + 2_000));
        Assert.Equal([AbuseKind.ZeroWindowHold], server.Events.Abuse);
        Assert.Equal("goaway 17 EnhanceYourCalm", server.TakeOutput()[^1]);
    }

    [Fact]
    public void ZeroWindowHold_FewStreamsOrProgress_DoesNotBite()
    {
        Peer server = Accepting();
        server.Receive(Wire.Settings((SettingId.InitialWindowSize, 0)));
        for (int i = 0; i < 12; i++)
        {
            server.Receive(Wire.Connect((2 * i) + 1));
            server.Connection.SendAllowance(server.Events.Streams[i]);
        }

        TickUntil(server, server.Now + 300_000);
        for (int i = 0; i < 4; i++)
        {
            server.Receive(Wire.WindowUpdate((2 * i) + 1, 1));
        }

        Assert.Equal(TickDecision.None, TickUntil(server, server.Now + 400_000));
        for (int i = 4; i < 12; i++)
        {
            server.Connection.Reset(server.Events.Streams[i], Http2ErrorCode.Cancel);
        }

        Assert.Equal(TickDecision.None, TickUntil(server, server.Now + 10_000));
    }

    [Theory]
    [InlineData(Http2Role.Server)]
    [InlineData(Http2Role.Client)]
    public void SettingsStall_NothingOrHalfAPreface_BitesAfterTheDeadline(Http2Role role)
    {
        Peer peer = new(role);
        peer.TakeOutput();
        peer.Receive(role == Http2Role.Server ? Wire.Preface[..10] : Wire.Settings()[..5]);

        Assert.Equal(peer.Now + 10_000, peer.Connection.NextDeadline);
        Assert.Equal(TickDecision.None, peer.Connection.OnTick(peer.Now + 9_999));
        Assert.Equal(TickDecision.Abuse, peer.Connection.OnTick(peer.Now + 10_000));
        Assert.Equal([AbuseKind.SettingsStall], peer.Events.Abuse);
    }

    [Fact]
    public void FrameStall_HeaderBlockOrControlFrameNotFinished_Bites()
    {
        byte[][] beginnings = [Wire.Frame(FrameType.Headers, 0, 3, 0x82), Wire.Ping()[..12], Wire.Connect(3)[..20]];
        foreach (byte[] begun in beginnings)
        {
            Peer server = Peer.ConnectedServer();
            server.Now += 5_000;
            server.Receive(begun);

            Assert.Equal(TickDecision.None, server.Connection.OnTick(server.Now + 9_999));
            Assert.Equal(server.Now + 10_000, server.Connection.NextDeadline);
            Assert.Equal(TickDecision.Abuse, server.Connection.OnTick(server.Now + 10_000));
            Assert.Equal([AbuseKind.FrameStall], server.Events.Abuse);
        }
    }

    [Fact]
    public void FrameStall_FinishedInTime_DoesNotBite()
    {
        Peer server = Peer.ConnectedServer();
        byte[] ping = Wire.Ping();
        server.Receive(ping[..12]);
        server.Now += 9_999;
        server.Receive(ping[12..]);

        Assert.Equal(TickDecision.None, TickUntil(server, server.Now + 5_000));
    }

    private static Peer Accepting()
    {
        Peer server = Peer.Server();
        server.Events.Requested = (stream, _) => server.Connection.Respond(stream, 200, null, endStream: false);
        return server;
    }

    private static TickDecision TickUntil(Peer peer, long end)
    {
        while (true)
        {
            peer.Now = Math.Min(Math.Max(peer.Now, peer.Connection.NextDeadline), end);
            TickDecision decision = peer.Connection.OnTick(peer.Now);
            if (decision != TickDecision.None)
            {
                return decision;
            }

            foreach (string line in peer.TakeOutput().Where(
                static line => line.StartsWith("ping 7", StringComparison.Ordinal)))
            {
                peer.Receive(Wire.Ping(Convert.ToUInt64(line[5..], 16), ack: true));
            }

            if (peer.Now == end)
            {
                return TickDecision.None;
            }
        }
    }
}
