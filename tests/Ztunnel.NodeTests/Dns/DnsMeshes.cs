using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Dns;

/// <summary>
/// A mesh whose client has its DNS redirected, with services of every kind that answers depend on, and an upstream server
/// beside it: once with our program, and, where there is one, with the other implementation.
/// </summary>
public sealed class DnsMeshes : IAsyncLifetime
{
    public const string Ours = "ours";
    public const string Peer = "peer";

    /// <summary>The upstream server's address, and that of whatever the client means to ask.</summary>
    public const string Server = "10.77.255.254";

    public const string Server6 = "fd77::ffff";

    private readonly Dictionary<string, (TwoNodeMesh Mesh, LabResolver Upstream)> _meshes = [];

    public TwoNodeMesh this[string program] => _meshes[program].Mesh;

    public LabResolver Upstream(string program) => _meshes[program].Upstream;

    public async Task InitializeAsync()
    {
        await AddAsync(Ours, ZtunnelBinary.Ours);
        if (ZtunnelBinary.Peer is { } peer)
        {
            await AddAsync(Peer, peer);
        }
    }

    public async Task DisposeAsync()
    {
        foreach ((TwoNodeMesh mesh, LabResolver upstream) in _meshes.Values)
        {
            upstream.Dispose();
            await mesh.DisposeAsync();
        }
    }

    public static TwoNodeMeshOptions Options() => new()
    {
        CapturesDns = true,
        ResolvConf = $"search nowhere.test\nnameserver {Server}\noptions timeout:1 attempts:2\n",
        Environment = new Dictionary<string, string?> { ["RUST_LOG"] = "info,dns=debug" },
        ExtraPods = [new PodSpec("second", "node2") { CapturesDns = true }],
        Config = Mesh,
    };

    private static MeshConfig Mesh(TwoNodeMesh mesh) => new MeshConfig()
        .Add(mesh.Client)
        .Add(mesh.Server, Serves("headless"))
        .Add(mesh.Pod("second"), Serves("headless"))
        .Add(mesh.Outside)
        .AddService("echo", ["10.96.0.10", "fd96::10"], [])
        .AddService("headless", [], [])
        .AddService("many", Enumerable.Range(0, 256).Select(i => $"10.97.0.{i}"), [])
        .AddService("v4", ["10.96.0.65"], [], In("other", "v4.other.svc.cluster.local"))
        .AddService("onlyv4", ["10.96.0.66", "fd96::66"], [], service => service["ipFamilies"] = "IPv4")
        .AddService("onlyv6", ["10.96.0.67", "fd96::67"], [], service => service["ipFamilies"] = "IPv6")
        .AddService("far", [], [], service => service["vips"] = new[] { "elsewhere/10.96.0.68" })
        .AddService("external", ["10.96.0.63"], [], In("default", "www.example.org"))
        .AddService("wild", ["10.96.0.64"], [], In("default", "*.wild.example.org"))
        .AddService("wilder", ["10.96.0.69"], [], In("default", "*.b.wild.example.org"))
        .AddService("twice", ["10.96.0.70"], [], In("other", "twice.example.org"))
        .AddService("twice", ["10.96.0.71"], [], In("default", "twice.example.org"));

    private async Task AddAsync(string program, string binary)
    {
        TwoNodeMesh mesh = await TwoNodeMesh.StartAsync(Options() with { ClientBinary = binary, ServerBinary = binary });
        _meshes[program] = (mesh, new LabResolver(mesh.Network.Bridge));
    }

    private static Action<Dictionary<string, object?>> In(string @namespace, string hostname) => service =>
    {
        service["namespace"] = @namespace;
        service["hostname"] = hostname;
    };

    private static Dictionary<string, Dictionary<int, int>> Serves(string service) => new()
    {
        [$"default/{service}.default.svc.cluster.local"] = new() { [80] = 80 },
    };
}
