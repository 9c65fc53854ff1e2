using Ztunnel.Hbone.Http2;

namespace Ztunnel.Hbone.Tests;

/// <summary>Windows in both directions.</summary>
public sealed class Http2FlowTests
{
    private static readonly Http2Options Small = new() { StreamWindow = 65_535, ConnectionWindow = 65_535 };

    [Fact]
    public void Credit_HalfOfTheWindow_IsAnnouncedForStreamAndConnection()
    {
        Peer server = Peer.ConnectedServer(Small);
        server.Receive(Wire.Data(1, new string('x', 40_000)));

        server.Connection.Credit(server.Stream, 32_766);
        Assert.Equal([], server.TakeOutput());
        server.Connection.Credit(server.Stream, 1);

        Assert.Equal(["window 0 32767", "window 1 32767"], server.TakeOutput());
    }

    [Fact]
    public void Credit_NotGiven_NothingIsAnnounced()
    {
        Peer server = Peer.ConnectedServer(Small);

        server.Receive(Wire.Data(1, new string('x', 65_535)));

        Assert.Equal([], server.TakeOutput());
    }

    [Fact]
    public void Credit_MoreThanReceived_CountsWhatWasReceived()
    {
        Peer server = Peer.ConnectedServer(Small);
        server.Receive(Wire.Data(1, new string('x', 40_000)));

        server.Connection.Credit(server.Stream, int.MaxValue);
        server.Connection.Credit(server.Stream, int.MaxValue);

        Assert.Equal(["window 0 40000", "window 1 40000"], server.TakeOutput());
    }

    [Fact]
    public void Credit_AfterTheEnd_IsForTheConnectionOnly()
    {
        Peer server = Peer.ConnectedServer(Small);
        server.Receive(Wire.Data(1, new string('x', 40_000), end: true));

        server.Connection.Credit(server.Stream, 40_000);

        Assert.Equal(["window 0 40000"], server.TakeOutput());
    }

    [Fact]
    public void Release_UncreditedBytes_GoBackToTheConnection()
    {
        Peer server = Peer.ConnectedServer(Small);
        server.Receive(Wire.Data(1, new string('x', 40_000)));

        server.Connection.Release(server.Stream);
        server.Connection.Credit(server.Stream, 40_000);

        Assert.Equal(["rst 1 Cancel", "window 0 40000"], server.TakeOutput());
    }

    [Fact]
    public void Reset_ByThePeer_BytesAreHeldUntilReleased()
    {
        Peer server = Peer.ConnectedServer(Small);

        server.Receive(Wire.Data(1, new string('x', 40_000)), Wire.Reset(1, Http2ErrorCode.NoError));
        Assert.Equal([], server.TakeOutput());
        server.Connection.Release(server.Stream);

        Assert.Equal(["window 0 40000"], server.TakeOutput());
    }

    [Fact] // hbone.md §2.3: the reference never gives padding back
    public void Receive_Padding_IsCreditedAtOnceAndStripped()
    {
        Peer server = Peer.ConnectedServer(Small);
        server.Receive(Wire.Padded(1, "abc", 200));
        for (int i = 0; i < 400; i++)
        {
            server.Receive(Wire.Padded(1, "d", 255));
        }

        server.Receive(Wire.Padded(1, "", 10, end: true));

        Assert.StartsWith("data 1 abcddd", server.Events.Lines[^2], StringComparison.Ordinal);
        Assert.Equal("end 1", server.Events.Lines[^1]);
        Assert.Contains("window 1 32768", server.TakeOutput());
    }

    [Fact]
    public void Receive_FrameOfAMebibyteInPieces_IsPassedOnAsItComes()
    {
        Peer server = Peer.ConnectedServer();
        byte[] frame = Wire.Data(1, new string('x', 1 << 20), end: true);
        List<int> pieces = [];
        server.Events.Data = (_, length, _) => pieces.Add(length);

        server.Receive(frame[..1000]);
        server.Receive(frame[1000..600_000]);
        server.Receive(frame[600_000..]);

        Assert.Equal([991, 599_000, (1 << 20) - 599_991], pieces);
        Assert.Equal("end 1", server.Events.Lines[^1]);
    }

    [Fact]
    public void Reset_InTheMiddleOfAFrame_RestIsSkippedAndCredited()
    {
        Peer server = Peer.ConnectedServer(Small);
        server.Events.Data = (stream, _, _) => server.Connection.Reset(stream, Http2ErrorCode.Cancel);
        byte[] frame = Wire.Data(1, new string('x', 40_000));

        server.Receive(frame[..10_000]);
        server.Receive(frame[10_000..], Wire.Ping());

        Assert.Equal(["rst 1 Cancel", "window 0 40000", "ping ack 1"], server.TakeOutput());
    }

    [Fact]
    public void Start_StreamWindowBelowTheDefault_HoldsAfterTheAck()
    {
        Peer server = new(Http2Role.Server, new Http2Options { StreamWindow = 10 });
        server.Receive(Wire.Preface, Wire.Settings(), Wire.Connect(1), Wire.Data(1, new string('x', 100)));
        server.TakeOutput();

        server.Receive(Wire.SettingsAck, Wire.Data(1, "y"));

        Assert.Equal(["rst 1 FlowControlError"], server.TakeOutput());
    }

    [Fact]
    public void SendAllowance_FollowsBothWindowsAndBlocks()
    {
        Peer server = Peer.ConnectedServer();
        Assert.Equal(65_535, server.Connection.SendAllowance(server.Stream));

        Send(server, 16_384, 16_384, 16_384, 16_383);

        Assert.Equal((0, true), (server.Connection.SendAllowance(server.Stream), server.Stream.IsBlocked));
        server.Receive(Wire.WindowUpdate(1, 100));
        Assert.DoesNotContain("writable 1", server.Events.Lines);
        server.Receive(Wire.WindowUpdate(0, 50));
        Assert.Equal("writable 1", server.Events.Lines[^1]);
        Assert.Equal((50, false), (server.Connection.SendAllowance(server.Stream), server.Stream.IsBlocked));
    }

    [Fact]
    public void SendAllowance_PeerShrinksItsWindow_GoesNegativeAndRecovers()
    {
        Peer server = Peer.ConnectedServer();
        Send(server, 10_000);

        server.Receive(Wire.Settings((SettingId.InitialWindowSize, 0)));
        Assert.Equal(0, server.Connection.SendAllowance(server.Stream));
        server.Receive(Wire.WindowUpdate(1, 10_000));
        Assert.Equal(0, server.Connection.SendAllowance(server.Stream));
        server.Receive(Wire.Settings((SettingId.InitialWindowSize, 7)));

        Assert.Equal(7, server.Connection.SendAllowance(server.Stream));
        Assert.Equal("writable 1", server.Events.Lines[^1]);
    }

    [Fact]
    public void WriteDataHeader_BeyondTheWindow_IsTheOwnersMistake()
    {
        Peer server = Peer.ConnectedServer();
        byte[] nine = new byte[9];

        Assert.Throws<InvalidOperationException>(
            () => server.Connection.WriteDataHeader(nine, server.Stream, 16_385, endStream: false));
        server.Connection.EndStream(server.Stream);
        Assert.Throws<InvalidOperationException>(
            () => server.Connection.WriteDataHeader(nine, server.Stream, 1, endStream: false));
        Assert.Equal(0, server.Connection.SendAllowance(server.Stream));
    }

    [Fact]
    public void EndStream_WithoutWindow_StillEnds()
    {
        Peer server = Peer.ConnectedServer();
        server.Receive(Wire.Settings((SettingId.InitialWindowSize, 0)));
        server.TakeOutput();

        server.Connection.EndStream(server.Stream);
        server.Connection.EndStream(server.Stream);

        Assert.Equal(["data 1 0 end"], server.TakeOutput());
    }

    [Fact]
    public void Receive_ConnectionWindowOpens_BlockedStreamsAreServedInTurnAndBounded()
    {
        Peer server = Peer.Server();
        server.Events.Requested = (stream, _) => server.Connection.Respond(stream, 200, null, endStream: false);
        for (int i = 0; i < 100; i++)
        {
            server.Receive(Wire.Connect((2 * i) + 1));
        }

        server.Events.Writable = stream => SendOne(server, stream);
        Http2Stream[] streams = [.. server.Events.Streams];
        Send(server, 16_384, 16_384, 16_384, 16_383);
        Assert.All(streams, stream => Assert.Equal(0, server.Connection.SendAllowance(stream)));

        server.Receive(Wire.WindowUpdate(0, 3));
        Assert.Equal(["writable 3", "writable 5", "writable 7"], server.Events.Lines.TakeLast(3));
        server.Receive(Wire.WindowUpdate(0, 2));
        Assert.Equal(["writable 9", "writable 11"], server.Events.Lines.TakeLast(2));
        server.Receive(Wire.WindowUpdate(0, 1000));

        int served = server.Events.Lines.Count(static line => line.StartsWith("writable", StringComparison.Ordinal));
        Assert.Equal(3 + 2 + 64, served);
        Assert.True(server.Connection.HasReadyStreams);
        Assert.True(server.Connection.ServeReady(10));
    }

    [Fact]
    public void Block_WithOpenWindows_IsServedAtTheNextOccasion()
    {
        Peer server = Peer.ConnectedServer();

        server.Connection.Block(server.Stream);
        server.Connection.Block(server.Stream);

        Assert.True(server.Connection.HasReadyStreams);
        Assert.False(server.Connection.ServeReady(5));
        Assert.Equal("writable 1", server.Events.Lines[^1]);
    }

    [Fact]
    public void ServeReady_StreamClosedMeanwhile_IsPassedOver()
    {
        Peer server = Peer.ConnectedServer();
        server.Connection.Block(server.Stream);
        server.Connection.Reset(server.Stream, Http2ErrorCode.Cancel);
        server.Connection.Block(server.Stream);

        Assert.False(server.Connection.ServeReady(5));
        Assert.Equal("closed 1", server.Events.Lines[^1]);
    }

    private static void Send(Peer server, params int[] lengths)
    {
        foreach (int length in lengths)
        {
            server.Connection.WriteDataHeader(new byte[9], server.Stream, length, endStream: false);
        }
    }

    private static void SendOne(Peer server, Http2Stream stream)
    {
        if (stream.Id > 1 && server.Connection.SendAllowance(stream) > 0)
        {
            server.Connection.QueueData(stream, "x"u8, endStream: false);
            server.Connection.Block(stream);
        }
    }
}
