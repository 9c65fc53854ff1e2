namespace Ztunnel.Hbone.Tests;

/// <summary>One connection under test, with its events and a clock that stands still until moved.</summary>
internal sealed class Peer
{
    public Peer(Http2Role role, Http2Options? options = null)
    {
        Connection = new Http2Connection(role, options ?? new Http2Options(), Events);
        Connection.Start(Now);
    }

    public RecordingEvents Events { get; } = new();

    public Http2Connection Connection { get; }

    public long Now { get; set; } = 1_000_000;

    public static ConnectRequest Request(string authority = "10.0.0.1:80") => new()
    {
        Authority = authority,
        Baggage = "k8s.cluster.name=c,k8s.namespace.name=ns",
        Forwarded = "for=\"10.0.0.9:1234\"",
        TraceParent = new TraceParent(1, 2),
    };

    /// <summary>A server that has read preface and SETTINGS, its own output taken.</summary>
    public static Peer Server(Http2Options? options = null)
    {
        Peer server = new(Http2Role.Server, options);
        server.Receive(Wire.Preface, Wire.Settings(), Wire.SettingsAck);
        server.TakeOutput();
        return server;
    }

    /// <summary>A client that has read SETTINGS, its own output taken.</summary>
    public static Peer Client(Http2Options? options = null)
    {
        Peer client = new(Http2Role.Client, options);
        client.Receive(Wire.Settings(), Wire.SettingsAck);
        client.TakeOutput();
        return client;
    }

    /// <summary>A server with a connected stream 1.</summary>
    public static Peer ConnectedServer(Http2Options? options = null)
    {
        Peer server = Server(options);
        server.Events.Requested = (stream, _) => server.Connection.Respond(stream, 200, null, endStream: false);
        server.Receive(Wire.Connect(1));
        server.TakeOutput();
        return server;
    }

    /// <summary>A client with a connected stream 1.</summary>
    public static Peer ConnectedClient(Http2Options? options = null)
    {
        Peer client = Client(options);
        client.Events.Streams.Add(client.Connection.Open(Request(), null));
        client.Receive(Wire.Response(1, "200"));
        client.TakeOutput();
        return client;
    }

    public Http2Stream Stream => Events.Streams[0];

    public void Receive(params byte[][] frames) => Connection.Receive(Wire.Join(frames), Now);

    public Http2ConnectionException Violates(params byte[][] frames) =>
        Assert.Throws<Http2ConnectionException>(() => Receive(frames));

    /// <summary>What waits to be sent, as lines, and taken as sent.</summary>
    public List<string> TakeOutput()
    {
        List<string> lines = Wire.Describe(Connection.Output.Pending);
        Connection.Output.Clear();
        return lines;
    }

    public byte[] TakeBytes()
    {
        byte[] bytes = Connection.Output.Pending.ToArray();
        Connection.Output.Clear();
        return bytes;
    }
}
