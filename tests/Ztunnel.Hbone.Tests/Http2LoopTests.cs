using Ztunnel.Hbone.Http2;

namespace Ztunnel.Hbone.Tests;

/// <summary>Our client against our server.</summary>
public sealed class Http2LoopTests
{
    [Fact]
    public void Open_ServerAccepts_BothSidesExchangeAndClose()
    {
        (Peer client, Peer server) = (new Peer(Http2Role.Client), new Peer(Http2Role.Server));
        server.Events.Requested = (stream, _) => server.Connection.Respond(stream, 200, "service.name=echo", false);
        Http2Stream opened = client.Connection.Open(Peer.Request(), owner: "relay");

        Exchange(client, server);
        client.Connection.QueueData(opened, "hello"u8, endStream: false);
        client.Connection.EndStream(opened);
        Exchange(client, server);
        server.Connection.QueueData(server.Stream, "bye"u8, endStream: true);
        Exchange(client, server);

        Assert.Equal(
            ["settings", "request 1 CONNECT 10.0.0.1:80", "data 1 hello", "end 1", "closed 1"], server.Events.Lines);
        Assert.Equal(["settings", "response 1 200", "data 1 bye", "end 1", "closed 1"], client.Events.Lines);
        Assert.Equal("echo", client.Events.LastResponse!.Baggage!.ServiceName);
        Assert.Equal("ns", server.Events.LastRequest!.Baggage!.Namespace);
        Assert.Equal("for=\"10.0.0.9:1234\"", server.Events.LastRequest.Forwarded);
        Assert.Equal(new TraceParent(1, 2), server.Events.LastRequest.TraceParent);
        Assert.Null(server.Events.LastRequest.ForwardedNetwork);
        Assert.Equal("relay", opened.Owner);
        Assert.Equal(0, client.Connection.ActiveStreams + server.Connection.ActiveStreams);
    }

    [Fact]
    public void Open_SameValuesAgain_AreTheSameInstancesAndFewOctets()
    {
        (Peer client, Peer server) = (new Peer(Http2Role.Client), new Peer(Http2Role.Server));
        client.Connection.Open(Peer.Request(), null);
        Exchange(client, server);
        Http2Request first = server.Events.LastRequest!;

        client.Connection.Open(Peer.Request(), null);
        int octets = client.Connection.Output.Length;
        Exchange(client, server);

        Http2Request second = server.Events.LastRequest!;
        Assert.NotSame(first, second);
        Assert.Same(first.BaggageText, second.BaggageText);
        Assert.Same(first.Baggage, second.Baggage);
        Assert.Same(first.Authority, second.Authority);
        Assert.InRange(octets, 60, 100);
    }

    private static void Exchange(Peer client, Peer server)
    {
        while (!client.Connection.Output.IsEmpty || !server.Connection.Output.IsEmpty)
        {
            server.Receive(client.TakeBytes());
            client.Receive(server.TakeBytes());
        }
    }
}
