using Ztunnel.Hbone;

namespace Ztunnel.Benchmarks.Hbone;

/// <summary>Our client and our server, joined by copying.</summary>
internal sealed class Tunnel
{
    private readonly SilentEvents _clientEvents = new();
    private readonly SilentEvents _serverEvents = new();

    public Tunnel()
    {
        Client = new Http2Connection(Http2Role.Client, new Http2Options(), _clientEvents);
        Server = new Http2Connection(Http2Role.Server, new Http2Options(), _serverEvents);
        _clientEvents.Connection = Client;
        _serverEvents.Connection = Server;
        Client.Start(0);
        Server.Start(0);
        Exchange();
    }

    public Http2Connection Client { get; }

    public Http2Connection Server { get; }

    /// <summary>The server's side of the last stream.</summary>
    public Http2Stream ServerStream => _serverEvents.Last!;

    public static ConnectRequest Request { get; } = new()
    {
        Authority = "10.244.1.17:8080",
        Baggage = "k8s.cluster.name=Kubernetes,k8s.namespace.name=default,k8s.deployment.name=frontend,"
            + "service.name=frontend,service.version=v1,cloud.region=eu-west-1,cloud.availability_zone=eu-west-1a",
        Forwarded = "for=\"10.244.2.3:41234\";host=echo.default.svc.cluster.local",
        TraceParent = TraceParent.CreateRandom(),
    };

    public long Now { get; set; }

    public void Exchange()
    {
        while (!Client.Output.IsEmpty || !Server.Output.IsEmpty)
        {
            Server.Receive(Client.Output.Pending, Now);
            Client.Output.Clear();
            Client.Receive(Server.Output.Pending, Now);
            Server.Output.Clear();
        }
    }
}
