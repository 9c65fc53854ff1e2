using Ztunnel.Hbone.Http2;

namespace Ztunnel.Hbone.Tests;

/// <summary>What ends a connection: the code, GOAWAY with it, and silence afterwards.</summary>
public sealed class Http2ViolationTests
{
    public static TheoryData<string, byte[], Http2ErrorCode> OnAConnectedServer => new()
    {
        { "DATA on 0", Wire.Data(0, "x"), Http2ErrorCode.ProtocolError },
        { "DATA on idle", Wire.Data(9, "x"), Http2ErrorCode.ProtocolError },
        { "DATA on even", Wire.Data(2, "x"), Http2ErrorCode.ProtocolError },
        { "padding too long", Wire.Frame(FrameType.Data, FrameFlags.Padded, 1, 5, 1, 2), Http2ErrorCode.ProtocolError },
        { "padding missing", Wire.Frame(FrameType.Data, FrameFlags.Padded, 1), Http2ErrorCode.FrameSizeError },
        { "HEADERS on 0", Wire.Connect(0), Http2ErrorCode.ProtocolError },
        { "HEADERS on even", Wire.Connect(2), Http2ErrorCode.ProtocolError },
        { "HEADERS cut", Wire.Frame(FrameType.Headers, FrameFlags.Priority, 3, 1), Http2ErrorCode.FrameSizeError },
        { "HEADERS padding", Wire.Frame(FrameType.Headers, FrameFlags.Padded, 3, 9, 1), Http2ErrorCode.ProtocolError },
        { "HPACK", Wire.Frame(FrameType.Headers, FrameFlags.EndHeaders, 3, 0x80), Http2ErrorCode.CompressionError },
        { "CONTINUATION alone", Wire.Frame(FrameType.Continuation, 0, 1, 1), Http2ErrorCode.ProtocolError },
        {
            "other stream in a block",
            Wire.Join(Wire.Frame(FrameType.Headers, 0, 3, 0x82), Wire.Frame(FrameType.Continuation, 0, 5, 1)),
            Http2ErrorCode.ProtocolError
        },
        {
            "other frame in a block",
            Wire.Join(Wire.Frame(FrameType.Headers, 0, 3, 0x82), Wire.Ping()),
            Http2ErrorCode.ProtocolError
        },
        { "frame too large", [0x10, 0, 1, 0, 0, 0, 0, 0, 1], Http2ErrorCode.FrameSizeError },
        { "PING size", Wire.Frame(FrameType.Ping, 0, 0, 1), Http2ErrorCode.FrameSizeError },
        { "PING stream", Wire.Frame(FrameType.Ping, 0, 1, new byte[8]), Http2ErrorCode.ProtocolError },
        { "RST size", Wire.Frame(FrameType.RstStream, 0, 1, 1), Http2ErrorCode.FrameSizeError },
        { "RST on 0", Wire.Reset(0), Http2ErrorCode.ProtocolError },
        { "RST on idle", Wire.Reset(3), Http2ErrorCode.ProtocolError },
        { "WINDOW_UPDATE size", Wire.Frame(FrameType.WindowUpdate, 0, 1, 1), Http2ErrorCode.FrameSizeError },
        { "WINDOW_UPDATE of 0", Wire.WindowUpdate(0, 0), Http2ErrorCode.ProtocolError },
        { "WINDOW_UPDATE idle", Wire.WindowUpdate(3, 1), Http2ErrorCode.ProtocolError },
        { "connection window overflow", Wire.WindowUpdate(0, int.MaxValue), Http2ErrorCode.FlowControlError },
        { "SETTINGS size", Wire.Frame(FrameType.Settings, 0, 0, 1, 2), Http2ErrorCode.FrameSizeError },
        { "SETTINGS stream", Wire.Frame(FrameType.Settings, 0, 1), Http2ErrorCode.ProtocolError },
        { "ACK size", Wire.Frame(FrameType.Settings, FrameFlags.Ack, 0, new byte[6]), Http2ErrorCode.FrameSizeError },
        { "ENABLE_PUSH 2", Wire.Settings((SettingId.EnablePush, 2)), Http2ErrorCode.ProtocolError },
        { "window", Wire.Settings((SettingId.InitialWindowSize, 1u << 31)), Http2ErrorCode.FlowControlError },
        { "small frames", Wire.Settings((SettingId.MaxFrameSize, 16_383)), Http2ErrorCode.ProtocolError },
        { "large frames", Wire.Settings((SettingId.MaxFrameSize, 1u << 24)), Http2ErrorCode.ProtocolError },
        {
            "initial window overflow",
            Wire.Join(Wire.WindowUpdate(1, 1 << 30), Wire.Settings((SettingId.InitialWindowSize, int.MaxValue))),
            Http2ErrorCode.FlowControlError
        },
        { "PUSH_PROMISE", Wire.Frame(FrameType.PushPromise, 0, 1, new byte[4]), Http2ErrorCode.ProtocolError },
        { "GOAWAY on a stream", Wire.Frame(FrameType.GoAway, 0, 1, new byte[8]), Http2ErrorCode.ProtocolError },
        { "GOAWAY size", Wire.Frame(FrameType.GoAway, 0, 0, 1), Http2ErrorCode.FrameSizeError },
        { "PRIORITY on 0", Wire.Frame(FrameType.Priority, 0, 0, new byte[5]), Http2ErrorCode.ProtocolError },
        { "PRIORITY size, idle", Wire.Frame(FrameType.Priority, 0, 9, 1), Http2ErrorCode.FrameSizeError },
        { "lower stream number", Wire.Join(Wire.Connect(7), Wire.Connect(5)), Http2ErrorCode.ProtocolError },
        {
            "HEADERS on a closed stream",
            Wire.Join(Wire.Reset(1), Wire.Connect(1)),
            Http2ErrorCode.StreamClosed
        },
    };

    [Theory, MemberData(nameof(OnAConnectedServer))]
    public void Receive_Violation_EndsTheConnectionWithItsCode(string what, byte[] frames, Http2ErrorCode code)
    {
        Peer server = Peer.ConnectedServer();

        Http2ConnectionException thrown = server.Violates(frames);

        Assert.True(code == thrown.Code, $"{what}: {thrown.Code} {thrown.Message}");
        Assert.StartsWith("goaway ", server.TakeOutput()[^1], StringComparison.Ordinal);
        Assert.True(server.Connection.IsStopped);
        server.Receive(Wire.Ping());
        Assert.True(server.Connection.Output.IsEmpty);
    }

    [Fact]
    public void Receive_WrongPreface_IsAProtocolError()
    {
        Peer server = new(Http2Role.Server);

        Http2ConnectionException thrown = server.Violates([.. "GET / HTTP/1.1\r\n"u8]);

        Assert.Equal(Http2ErrorCode.ProtocolError, thrown.Code);
    }

    [Theory]
    [InlineData(Http2Role.Client)]
    [InlineData(Http2Role.Server)]
    public void Receive_FirstFrameIsNotSettings_IsAProtocolError(Http2Role role)
    {
        byte[] preface = role == Http2Role.Server ? Wire.Preface : [];

        Assert.Equal(Http2ErrorCode.ProtocolError, new Peer(role).Violates(preface, Wire.Ping()).Code);
        Assert.Equal(Http2ErrorCode.ProtocolError, new Peer(role).Violates(preface, Wire.SettingsAck).Code);
    }

    [Theory]
    [InlineData(0, "rst 1 ProtocolError")]
    [InlineData(int.MaxValue, "rst 1 FlowControlError")]
    public void Receive_BadWindowUpdateOfAStream_ResetsIt(int increment, string answer)
    {
        Peer server = Peer.ConnectedServer();

        server.Receive(Wire.WindowUpdate(1, increment));

        Assert.Equal([answer], server.TakeOutput());
    }

    [Fact]
    public void Receive_PriorityOfWrongSize_ResetsTheStream()
    {
        Peer server = Peer.ConnectedServer();

        server.Receive(Wire.Frame(FrameType.Priority, 0, 1, 1), Wire.Frame(FrameType.Priority, 0, 1, 1));

        Assert.Equal(["rst 1 FrameSizeError", "rst 1 FrameSizeError"], server.TakeOutput());
    }

    [Fact]
    public void Receive_ExtraSettingsAckUnknownFramesAndSettings_AreIgnored()
    {
        Peer server = Peer.ConnectedServer();

        server.Receive(
            Wire.SettingsAck,
            Wire.Frame((FrameType)0xbe, (FrameFlags)0xff, 77, new byte[300]),
            Wire.Settings(((SettingId)0x99, 7)),
            Wire.Ping(99, ack: true),
            Wire.Frame(FrameType.Priority, 0, 5, new byte[5]));

        Assert.Equal(["settings ack"], server.TakeOutput());
    }

    [Fact]
    public void Receive_DataBeyondTheStreamWindow_ResetsTheStream()
    {
        Peer server = Peer.ConnectedServer(new Http2Options { StreamWindow = 65_535 });
        byte[] data = Wire.Data(1, new string('x', 60_000));

        server.Receive(data, data);

        Assert.Equal(["rst 1 FlowControlError"], server.TakeOutput());
        Assert.Equal([AbuseKind.WindowOverflow], server.Events.Abuse);
    }

    [Fact]
    public void Receive_DataBeyondTheConnectionWindow_EndsTheConnection()
    {
        Peer server = Peer.ConnectedServer(new Http2Options { ConnectionWindow = 65_535 });
        byte[] data = Wire.Data(1, new string('x', 60_000));

        Assert.Equal(Http2ErrorCode.FlowControlError, server.Violates(data, data).Code);
    }

    [Fact]
    public void Stop_AnyCall_DoesNothing()
    {
        Peer server = Peer.ConnectedServer();
        Http2Connection connection = server.Connection;
        connection.Stop();

        connection.EndStream(server.Stream);
        connection.Reset(server.Stream, Http2ErrorCode.Cancel);
        connection.Release(server.Stream);
        connection.Credit(server.Stream, 10);
        connection.BeginDrain();
        connection.GoAway(Http2ErrorCode.NoError);
        connection.Block(server.Stream);
        server.Receive(Wire.Data(1, "x"));

        Assert.True(connection.Output.IsEmpty);
        Assert.Equal((0, false), (connection.SendAllowance(server.Stream), connection.ServeReady(10)));
        Assert.Equal(TickDecision.None, connection.OnTick(long.MaxValue - 1));
        Assert.Equal(long.MaxValue, connection.NextDeadline);
    }
}
