using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Mixed;

/// <summary>
/// Two meshes: the other implementation on the client's node and ours on the server's, and the reverse; each with one
/// control plane for both.
/// </summary>
public sealed class MixedMeshes : IAsyncLifetime
{
    public const string PeerCalls = "peer calls us";
    public const string WeCall = "we call the peer";

    public const string Vip = "10.96.0.60";
    public const int ServicePort = 80;
    public const int EchoPort = 7000;
    public const string Service = "echo.default.svc.cluster.local";

    /// <summary>Has no address of its own: its endpoint is called by its own.</summary>
    public const string Headless = "db.default.svc.cluster.local";

    private readonly Dictionary<string, TwoNodeMesh> _meshes = [];

    public TwoNodeMesh this[string direction] => _meshes[direction];

    public async Task InitializeAsync()
    {
        if (ZtunnelBinary.Peer is not { } peer)
        {
            return; // every test is skipped
        }

        _meshes[PeerCalls] = await TwoNodeMesh.StartAsync(Options() with { ClientBinary = peer });
        _meshes[WeCall] = await TwoNodeMesh.StartAsync(Options() with { ServerBinary = peer });
    }

    public async Task DisposeAsync()
    {
        foreach (TwoNodeMesh mesh in _meshes.Values)
        {
            await mesh.DisposeAsync();
        }
    }

    public static MeshConfig Config(TwoNodeMesh mesh) => new MeshConfig()
        .Add(mesh.Client)
        .Add(mesh.Outside)
        .Add(mesh.Pod("denied"))
        .Add(mesh.Server, Serves(Service, ServicePort))
        .Add(mesh.Pod("db"), Serves(Headless, EchoPort))
        .AddService("echo", [Vip], new() { [ServicePort] = EchoPort })
        .AddService("db", [], new() { [EchoPort] = EchoPort })
        .Deny(mesh.Pod("denied"));

    private static TwoNodeMeshOptions Options() => new()
    {
        ExtraPods = [new PodSpec("denied"), new PodSpec("db", "node2")],
        Config = Config,
    };

    private static Dictionary<string, Dictionary<int, int>> Serves(string hostname, int port) => new()
    {
        [$"default/{hostname}"] = new() { [port] = EchoPort },
    };
}
