using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Traffic;

/// <summary>
/// The usual mesh, a <c>neighbour</c> on the client's node, services, and an echo server on port 7000 of every pod.
/// The proxies have an identity of their own, as they have in a cluster.
/// </summary>
public sealed class TrafficMesh : MeshFixture
{
    public const int EchoPort = 7000;
    public const string EchoVip = "10.96.0.10";
    public const string EchoVip6 = "fd96::10";

    /// <summary>Of a service whose only endpoint is the client itself.</summary>
    public const string MirrorVip = "10.96.0.11";

    public const int ServicePort = 80;

    private readonly List<AppServer> _echoes = [];

    public Pod Neighbour => Mesh.Pod("neighbour");

    /// <summary>The echo server in that pod.</summary>
    public AppServer Echo(Pod pod) => _echoes.Single(echo => echo.Host == pod);

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        foreach (Pod pod in new[] { Client, Neighbour, Server, Outside })
        {
            _echoes.Add(AppServer.Echo(pod, EchoPort));
        }
    }

    public override Task DisposeAsync()
    {
        _echoes.ForEach(echo => echo.Dispose());
        return base.DisposeAsync();
    }

    protected override TwoNodeMeshOptions Options() => new()
    {
        ExtraPods = [new PodSpec("neighbour")],
        Config = mesh => new MeshConfig()
            .Add(mesh.Client, Serves("mirror"))
            .Add(mesh.Pod("neighbour"))
            .Add(mesh.Server, Serves("echo"))
            .Add(mesh.Outside)
            .AddProxy(mesh.Nodes[0])
            .AddProxy(mesh.Nodes[1])
            .AddService("echo", [EchoVip, EchoVip6], new() { [ServicePort] = EchoPort })
            .AddService("mirror", [MirrorVip], new() { [ServicePort] = EchoPort }),
        Environment = ZtunnelIdentity.Environment,
    };

    private static Dictionary<string, Dictionary<int, int>> Serves(string service) => new()
    {
        [$"default/{service}.default.svc.cluster.local"] = new() { [ServicePort] = EchoPort },
    };
}
