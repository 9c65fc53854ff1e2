using Ztunnel.Hbone.Http2;

namespace Ztunnel.Hbone.Tests;

/// <summary>However a conversation is cut into pieces, the events and the answers are the same.</summary>
public sealed class Http2CutTests
{
    private static readonly byte[] ToServer = Wire.Join(
        Wire.Preface,
        Wire.Settings((SettingId.InitialWindowSize, 100_000), (SettingId.MaxFrameSize, 20_000)),
        Wire.SettingsAck,
        Wire.Connect(1),
        Wire.Data(1, "hello"),
        Wire.Padded(1, "padded", 7),
        Wire.Ping(),
        Wire.Frame((FrameType)0x42, 0, 3, 1, 2, 3, 4, 5),
        Wire.Frame(FrameType.Headers, FrameFlags.Padded | FrameFlags.Priority, 3, 2, 0, 0, 0, 0, 0, 0x82, 0, 0),
        Wire.Frame(FrameType.Continuation, FrameFlags.EndHeaders, 3, Wire.Block((":scheme", "http"), (":path", "/"))),
        Wire.WindowUpdate(0, 5),
        Wire.WindowUpdate(1, 5),
        Wire.Headers(5, false, (":method", "CONNECT"), ("Bad", "name")),
        Wire.Data(5, "ignored"),
        Wire.Reset(3),
        Wire.Data(1, "bye", end: true),
        Wire.GoAway(0));

    private static readonly byte[] ToClient = Wire.Join(
        Wire.Settings((SettingId.MaxConcurrentStreams, 7)),
        Wire.SettingsAck,
        Wire.Response(1, "103"),
        Wire.Headers(1, false, (":status", "200"), ("baggage", "service.name=x")),
        Wire.Data(1, "payload"),
        Wire.Padded(1, "", 3, end: true),
        Wire.Response(3, "503", end: true),
        Wire.Reset(3, Http2ErrorCode.NoError),
        Wire.GoAway(5),
        Wire.Ping());

    [Theory]
    [InlineData(Http2Role.Server)]
    [InlineData(Http2Role.Client)]
    public void Receive_CutAnywhere_YieldsTheSame(Http2Role role)
    {
        byte[] conversation = role == Http2Role.Server ? ToServer : ToClient;
        (string events, string output) whole = Run(role, [conversation]);
        Assert.Contains("end 1", whole.events, StringComparison.Ordinal);

        for (int cut = 0; cut <= conversation.Length; cut++)
        {
            Assert.Equal(whole, Run(role, [conversation[..cut], conversation[cut..]]));
        }
    }

    [Theory]
    [InlineData(Http2Role.Server)]
    [InlineData(Http2Role.Client)]
    public void Receive_OctetByOctet_YieldsTheSame(Http2Role role)
    {
        byte[] conversation = role == Http2Role.Server ? ToServer : ToClient;

        Assert.Equal(Run(role, [conversation]), Run(role, [.. conversation.Select(static octet => new[] { octet })]));
    }

    [Theory]
    [InlineData(Http2Role.Server)]
    [InlineData(Http2Role.Client)]
    public void Receive_InSlicesOfOneFrame_YieldsTheSame(Http2Role role)
    {
        byte[] conversation = role == Http2Role.Server ? ToServer : ToClient;
        Peer peer = NewPeer(role);
        int slices = 0;
        for (int position = 0; position < conversation.Length; slices++)
        {
            ReceiveBudget budget = new() { Frames = 1, HeaderOctets = 1, Deliveries = 1 };
            int taken = peer.Connection.Receive(conversation.AsSpan(position), ref budget, peer.Now);
            Assert.True(taken > 0);
            position += taken;
        }

        Assert.Equal(Run(role, [conversation]), Result(peer));
        Assert.Equal(peer.Connection.FramesReceived, slices);
        Assert.InRange(peer.Connection.HeaderOctetsReceived, 100, 1000);
    }

    [Fact]
    public void Receive_DataBeyondItsBudget_LeavesTheRest()
    {
        Peer server = Peer.ConnectedServer();
        byte[] data = Wire.Data(1, "x");
        ReceiveBudget budget = new() { Frames = 100, HeaderOctets = 100, Deliveries = 3 };

        int taken = server.Connection.Receive(
            Wire.Join([.. Enumerable.Repeat(data, 10)]), ref budget, server.Now);

        Assert.Equal(3 * data.Length, taken);
    }

    private static (string Events, string Output) Run(Http2Role role, byte[][] pieces)
    {
        Peer peer = NewPeer(role);
        foreach (byte[] piece in pieces)
        {
            peer.Receive(piece);
        }

        return Result(peer);
    }

    private static (string Events, string Output) Result(Peer peer) =>
        (string.Join('\n', peer.Events.Lines), string.Join('\n', peer.TakeOutput()));

    private static Peer NewPeer(Http2Role role)
    {
        Peer peer = new(role);
        if (role == Http2Role.Client)
        {
            peer.Connection.Open(Peer.Request(), null);
            peer.Connection.Open(Peer.Request(), null);
            peer.Connection.Open(Peer.Request(), null);
        }

        peer.Events.Requested = (stream, _) => peer.Connection.Respond(stream, 200, "", endStream: false);
        return peer;
    }
}
