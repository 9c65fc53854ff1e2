using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Gateway;

/// <summary>
/// Meshes of two networks: the client on one, the server on the other, a gateway before that one. Ours on both nodes;
/// and, where there is another implementation, each of the two on the client's node and the other on the server's.
/// </summary>
public sealed class GatewayMeshes : IAsyncLifetime
{
    public const string Ours = "ours";
    public const string PeerCalls = "peer calls us";
    public const string WeCall = "we call the peer";

    public const string Vip = "10.96.0.10";

    /// <summary>Whose names are not those of the pod behind it.</summary>
    public const string ForeignVip = "10.96.0.11";

    /// <summary>That names nobody.</summary>
    public const string NamelessVip = "10.96.0.12";

    /// <summary>Whose gateway does not listen.</summary>
    public const string LostVip = "10.96.0.13";

    /// <summary>That the gateway does not know.</summary>
    public const string StrangeVip = "10.96.0.14";

    public const int ServicePort = 80;
    public const int AppPort = 7000;

    private const string Near = "near";
    private const string Far = "far";

    private readonly Dictionary<string, (TwoNodeMesh Mesh, LabGateway Gateway)> _meshes = [];

    public static TheoryData<string> Directions => ZtunnelBinary.Peer is null ? [Ours] : [Ours, PeerCalls, WeCall];

    public TwoNodeMesh this[string direction] => _meshes[direction].Mesh;

    public LabGateway Gateway(string direction) => _meshes[direction].Gateway;

    public async Task InitializeAsync()
    {
        await AddAsync(Ours, Options());
        if (ZtunnelBinary.Peer is { } peer)
        {
            await AddAsync(PeerCalls, Options() with { ClientBinary = peer });
            await AddAsync(WeCall, Options() with { ServerBinary = peer });
        }
    }

    public async Task DisposeAsync()
    {
        foreach ((TwoNodeMesh mesh, LabGateway gateway) in _meshes.Values)
        {
            gateway.Dispose();
            await mesh.DisposeAsync();
        }
    }

    private static TwoNodeMeshOptions Options() => new()
    {
        ExtraPods = [new PodSpec("gateway", "node2", IsCaptured: false), new PodSpec("lost", "node2", IsCaptured: false)],
        Config = Describe,
        Environment = new Dictionary<string, string?> { ["NETWORK"] = Near },
        ServerEnvironment = new Dictionary<string, string?> { ["NETWORK"] = Far },
    };

    private static MeshConfig Describe(TwoNodeMesh mesh) => new MeshConfig()
        .Add(mesh.Client, change: workload => workload["network"] = Near)
        .Add(
            mesh.Server,
            Serves("echo", "foreign", "nameless", "strange"),
            workload => Place(workload, mesh.Pod("gateway")))
        .Add(mesh.Pod("gateway"), change: workload => workload["network"] = Far)
        .Add(mesh.Outside, Serves("lost"), workload => Place(workload, mesh.Pod("lost")))
        .Add(mesh.Pod("lost"), change: workload => workload["network"] = Far)
        .AddService("echo", [], Ports, service => Expect(service, Vip, mesh.Server.SpiffeId))
        .AddService("foreign", [], Ports, service => Expect(service, ForeignVip, mesh.Client.SpiffeId))
        .AddService("nameless", [], Ports, service => Expect(service, NamelessVip))
        .AddService("lost", [], Ports, service => Expect(service, LostVip, mesh.Server.SpiffeId))
        .AddService("strange", [], Ports, service => Expect(service, StrangeVip, mesh.Server.SpiffeId));

    private static Dictionary<int, int> Ports => new() { [ServicePort] = AppPort };

    private static Dictionary<string, Dictionary<int, int>> Serves(params string[] services) =>
        services.ToDictionary(service => $"default/{Host(service)}", _ => Ports);

    private static string Host(string service) => $"{service}.default.svc.cluster.local";

    private static void Place(Dictionary<string, object?> workload, Pod gateway)
    {
        workload["network"] = Far;
        workload["networkGateway"] = new Dictionary<string, object?>
        {
            ["destination"] = $"{Far}/{gateway.V4}",
            ["hboneMtlsPort"] = 15008,
        };
    }

    private static void Expect(Dictionary<string, object?> service, string vip, params string[] identities)
    {
        service["vips"] = new[] { $"{Near}/{vip}", $"{Far}/{vip}" };
        service["subjectAltNames"] = identities;
    }

    private async Task AddAsync(string direction, TwoNodeMeshOptions options)
    {
        TwoNodeMesh mesh = await TwoNodeMesh.StartAsync(options);
        LabGateway gateway = new(mesh.Pod("gateway"), mesh.Ca.Root);
        foreach (string service in new[] { "echo", "foreign", "nameless" })
        {
            gateway.Backends[$"{Host(service)}:{ServicePort}"] = mesh.Server.V4;
        }

        _meshes[direction] = (mesh, gateway);
    }
}
