using Ztunnel.Hbone.Http2;

namespace Ztunnel.Hbone.Tests;

/// <summary>Every limit bites, and leaves alone what honest peers do.</summary>
public sealed class Http2AbuseTests
{
    [Fact]
    public void RapidReset_BeforeTheAnswer_Bites()
    {
        Peer server = Peer.Server();

        Bites(server, AbuseKind.RapidReset, 251, i => Wire.Join(Wire.Connect((2 * i) + 1), Wire.Reset((2 * i) + 1)));
    }

    [Fact]
    public void RapidReset_AllPendingStreamsCancelledAtOnce_DoesNotBite()
    {
        Peer server = Peer.Server();
        for (int round = 0; round < 2; round++, server.Now += 15_000)
        {
            int first = (400 * round) + 1;
            server.Receive([.. Enumerable.Range(0, 200).Select(i => Wire.Connect(first + (2 * i)))]);
            server.Receive([.. Enumerable.Range(0, 200).Select(i => Wire.Reset(first + (2 * i)))]);
        }
    }

    [Fact]
    public void ResetFlood_AcceptedStreamsWithoutAByte_Bites()
    {
        Peer server = Accepting();

        Bites(server, AbuseKind.ResetFlood, 5_001, i => Wire.Join(Wire.Connect((2 * i) + 1), Wire.Reset((2 * i) + 1)));
    }

    [Fact]
    public void Resets_OfStreamsThatCarriedData_DoNotBite()
    {
        Peer server = Accepting();
        for (int i = 0; i < 50_000; i++)
        {
            int id = (2 * i) + 1;
            server.Receive(Wire.Connect(id), Wire.Data(id, "request"), Wire.Reset(id));
            server.TakeOutput();
        }

        Assert.Equal(0, server.Connection.ActiveStreams);
    }

    [Fact]
    public void StreamErrors_ThatMakeUsReset_Bite()
    {
        Peer server = Peer.Server();

        Bites(server, AbuseKind.StreamErrors, 1_025, i => Wire.Headers(
            (2 * i) + 1, false, (":method", "CONNECT"), ("A", "b")));
    }

    [Fact]
    public void HeaderBlock_Endless_BitesBeforeItIsKept()
    {
        Peer server = Peer.Server();
        server.Receive(Wire.Frame(FrameType.Headers, 0, 1, 0));

        Bites(server, AbuseKind.HeaderBlock, 14, _ => Wire.Frame(FrameType.Continuation, 0, 1, new byte[10_000]));
    }

    [Fact]
    public void HeaderBlock_OneFrameOfAMebibyte_BitesByItsHeader()
    {
        Peer server = Peer.Server();

        Assert.Equal(AbuseKind.HeaderBlock, server.Violates([0x10, 0, 0, 1, 4, 0, 0, 0, 1]).Abuse);
    }

    [Fact]
    public void Continuation_ManySmallOnes_AreFine()
    {
        Peer server = Peer.Server();
        byte[] block = Wire.Block((":method", "CONNECT"), (":authority", "10.0.0.1:80"));
        server.Receive(Wire.Frame(FrameType.Headers, 0, 1));
        foreach (byte octet in block)
        {
            server.Receive(Wire.Frame(FrameType.Continuation, 0, 1, octet));
        }

        server.Receive(Wire.Frame(FrameType.Continuation, FrameFlags.EndHeaders, 1));

        Assert.Equal("request 1 CONNECT 10.0.0.1:80", server.Events.Lines[^1]);
    }

    [Fact]
    public void Continuation_Empty_Bites()
    {
        Peer server = Peer.Server();
        server.Receive(Wire.Frame(FrameType.Headers, 0, 1, 0x82));

        Bites(server, AbuseKind.EmptyContinuation, 9, _ => Wire.Frame(FrameType.Continuation, 0, 1));
    }

    [Fact]
    public void HeaderBomb_ManyReferencesToALargeEntry_Bites()
    {
        Peer server = Peer.Server();
        byte[] large = [0x40, .. Wire.Block(("x", new string('y', 4_000)))[1..]];
        byte[] bomb = [.. large, .. Enumerable.Repeat((byte)0xbe, 70)];

        Assert.Equal(
            AbuseKind.HeaderBomb, server.Violates(Wire.Frame(FrameType.Headers, FrameFlags.EndHeaders, 1, bomb)).Abuse);
    }

    [Fact]
    public void HeaderFlood_LargeListsThatLeadNowhere_Bite()
    {
        Peer server = Peer.Server();
        string large = new('z', 60_000);

        Bites(server, AbuseKind.HeaderFlood, 70, i => Wire.Join(
            Wire.Headers((2 * i) + 1, true, (":method", "CONNECT"), (":authority", "a:1"), ("x", large)),
            Wire.Reset((2 * i) + 1)));
    }

    [Fact]
    public void Headers_FiveHundredOctetsTenThousandTimesASecond_DoNotBite()
    {
        Peer server = Accepting();
        string baggage = new('b', 500);
        for (int i = 0; i < 100_000; i++)
        {
            int id = (2 * i) + 1;
            server.Now += i % 10 == 0 ? 1 : 0;
            server.Receive(
                Wire.Headers(id, false, (":method", "CONNECT"), (":authority", "a:1"), ("baggage", baggage)),
                Wire.Data(id, "x", end: true));
            server.Connection.Release(server.Events.Streams[^1]);
            server.Connection.Output.Clear();
        }
    }

    [Fact]
    public void HpackThrash_TableSizeUpdates_Bite()
    {
        Peer server = Accepting();

        Bites(server, AbuseKind.HpackThrash, 17, i => Wire.Frame(
            FrameType.Headers, FrameFlags.EndHeaders | FrameFlags.EndStream, (2 * i) + 1,
            [0x20, 0x3f, 0xe1, 0x1f, .. Wire.Block((":method", "CONNECT"), (":authority", "a:1"))]));
    }

    [Fact]
    public void EmptyData_Bites()
    {
        Peer server = Peer.ConnectedServer();

        Bites(server, AbuseKind.EmptyData, 101, i => i % 2 == 0 ? Wire.Data(1, "") : Wire.Padded(1, "", 100));
    }

    [Fact]
    public void TinyData_AtARateOfNoApplication_Bites()
    {
        Peer server = Peer.ConnectedServer();
        byte[] many = Wire.Join([.. Enumerable.Repeat(Wire.Data(1, "x"), 1000)]);

        Bites(server, AbuseKind.TinyData, 401, _ => many);
    }

    [Fact]
    public void TinyData_FiftyThousandRequestsASecond_DoesNotBite()
    {
        Peer server = Peer.ConnectedServer();
        byte[] ofAMillisecond = Wire.Join([.. Enumerable.Repeat(Wire.Data(1, "x"), 50)]);
        server.Events.Data = (stream, length, _) => server.Connection.Credit(stream, length);
        for (int i = 0; i < 20_000; i++, server.Now++)
        {
            server.Receive(ofAMillisecond);
        }
    }

    [Fact]
    public void Ping_Flood_Bites() => Bites(Peer.ConnectedServer(), AbuseKind.PingFlood, 201, static _ => Wire.Ping());

    [Fact]
    public void Ping_OnePerSixteenKibibytes_DoesNotBite()
    {
        Peer server = Peer.ConnectedServer();
        server.Events.Data = (stream, length, _) => server.Connection.Credit(stream, length);
        byte[] data = Wire.Data(1, new string('x', 16_384));
        for (int i = 0; i < 5_000; i++)
        {
            server.Receive(data, Wire.Ping());
            server.TakeOutput();
        }
    }

    [Fact]
    public void Settings_Flood_Bites() =>
        Bites(Peer.ConnectedServer(), AbuseKind.SettingsFlood, 40, static _ => Wire.Settings());

    [Fact]
    public void Settings_OfManyEntries_CostMore() => Bites(
        Peer.ConnectedServer(), AbuseKind.SettingsFlood, 5,
        static _ => Wire.Settings([.. Enumerable.Repeat(((SettingId)0x77, 1u), 250)]));

    [Fact]
    public void Settings_OfThousandsOfEntries_BiteByTheirHeader() => Assert.Equal(
        AbuseKind.SettingsFlood, Peer.ConnectedServer().Violates([0, 0x60, 0, 4, 0, 0, 0, 0, 0]).Abuse);

    [Fact]
    public void WindowUpdate_Flood_Bites()
    {
        byte[] many = Wire.Join([.. Enumerable.Repeat(Wire.WindowUpdate(0, 1), 1000)]);

        Bites(Peer.ConnectedServer(), AbuseKind.WindowUpdateFlood, 21, _ => many);
    }

    [Fact]
    public void WindowUpdate_TwoPerSmallDataFrame_DoNotBite()
    {
        Peer server = Peer.ConnectedServer();
        for (int i = 0; i < 100_000; i++)
        {
            server.Connection.QueueData(server.Stream, "x"u8, endStream: false);
            server.Connection.Output.Clear();
            server.Receive(Wire.WindowUpdate(0, 1), Wire.WindowUpdate(1, 1));
        }
    }

    [Fact]
    public void UselessFrames_Bite()
    {
        byte[][] useless =
        [
            Wire.Frame((FrameType)77, 0, 5, 1, 2, 3),
            Wire.Frame(FrameType.Priority, 0, 5, new byte[5]),
            Wire.GoAway(0),
            Wire.SettingsAck,
        ];
        foreach (byte[] frame in useless)
        {
            Bites(Peer.ConnectedServer(), AbuseKind.UselessFrames, 201, _ => frame);
        }
    }

    [Fact]
    public void UselessFrames_AFewEverySecond_DoNotBite()
    {
        Peer server = Peer.ConnectedServer();
        for (int i = 0; i < 2_000; i++, server.Now += 100)
        {
            server.Receive(Wire.Frame(FrameType.Priority, 0, 5, new byte[5]));
        }
    }

    [Fact]
    public void OutputUnread_AnswersThatPileUp_Bite()
    {
        Peer server = Peer.ConnectedServer(new Http2Options
        {
            Abuse = new AbuseLimits { Ping = new BucketLimit(1_000_000, 1) },
        });

        Bites(server, AbuseKind.OutputUnread, 15_421, static _ => Wire.Ping(), takeOutput: false);
        Assert.InRange(server.Connection.Output.Length, 256 * 1024, 257 * 1024);
    }

    [Fact]
    public void OutputUnread_RefusalsThatPileUp_Bite()
    {
        Peer server = Peer.Server();
        server.Events.Requested = (stream, _) =>
        {
            server.Connection.Respond(stream, 401, null, endStream: true);
            server.Connection.Release(stream);
        };
        int id = 1;

        Http2ConnectionException thrown = Assert.Throws<Http2ConnectionException>(() =>
        {
            for (; id < 100_000; id += 2)
            {
                server.Receive(Wire.Connect(id));
            }
        });

        Assert.Equal(AbuseKind.OutputUnread, thrown.Abuse);
        Assert.InRange(server.Connection.Output.Length, 256 * 1024, 257 * 1024);
    }

    [Fact]
    public void OutputUnread_AnswersThatAreSent_DoNotBite()
    {
        Peer server = Peer.ConnectedServer(new Http2Options
        {
            Abuse = new AbuseLimits { Ping = new BucketLimit(1_000_000, 1) },
        });
        for (int i = 0; i < 100_000; i++)
        {
            server.Receive(Wire.Ping());
            server.Connection.Output.Advance(17);
        }
    }

    private static Peer Accepting()
    {
        Peer server = Peer.Server();
        server.Events.Requested = (stream, _) => server.Connection.Respond(stream, 200, null, endStream: true);
        return server;
    }

    // All but the last go through; the last one, and none before, is too much.
    private static void Bites(
        Peer server, AbuseKind kind, int times, Func<int, byte[]> frames, bool takeOutput = true)
    {
        for (int i = 0; i < times - 1; i++)
        {
            server.Receive(frames(i));
            if (takeOutput)
            {
                server.TakeOutput();
            }
        }

        Http2ConnectionException thrown = server.Violates(frames(times - 1));

        Assert.Equal((kind, Http2ErrorCode.EnhanceYourCalm), (thrown.Abuse, thrown.Code));
        Assert.Equal([kind], server.Events.Abuse);
        Assert.True(server.Connection.IsStopped);
    }
}
