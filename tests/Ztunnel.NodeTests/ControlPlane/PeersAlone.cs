using Ztunnel.Lab;

namespace Ztunnel.NodeTests.ControlPlane;

/// <summary>The other implementation on both nodes, over discovery.</summary>
public sealed class PeersAlone : IAsyncLifetime
{
    public const string Vip = "10.96.0.40";
    public const int ServicePort = 80;
    public const int EchoPort = 7000;

    /// <summary>Null where there is no other implementation, and every test is skipped.</summary>
    public TwoNodeMesh? Mesh { get; private set; }

    public async Task InitializeAsync()
    {
        if (ZtunnelBinary.Peer is { } peer)
        {
            Mesh = await TwoNodeMesh.StartAsync(new TwoNodeMeshOptions
            {
                ClientBinary = peer,
                ServerBinary = peer,
                Config = Config,
            });
        }
    }

    public async Task DisposeAsync()
    {
        if (Mesh is not null)
        {
            await Mesh.DisposeAsync();
        }
    }

    public static MeshConfig Config(TwoNodeMesh mesh) => new MeshConfig()
        .Add(mesh.Client)
        .Add(mesh.Outside)
        .Add(mesh.Server, new Dictionary<string, Dictionary<int, int>>
        {
            ["default/echo.default.svc.cluster.local"] = new() { [ServicePort] = EchoPort },
        })
        .AddService("echo", [Vip], new() { [ServicePort] = EchoPort });
}
