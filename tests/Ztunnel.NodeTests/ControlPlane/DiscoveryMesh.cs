using System.Net;
using System.Net.Sockets;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.ControlPlane;

/// <summary>
/// Two nodes over discovery, a service with an endpoint on the server's node, another caller and a replica to scale to.
/// </summary>
public class DiscoveryMesh : MeshFixture
{
    public const int ServicePort = 80;
    public const int EchoPort = 7000;
    public const string Service = "default/echo.default.svc.cluster.local";

    public static IPAddress Vip { get; } = IPAddress.Parse("10.96.0.50");

    private readonly List<AppServer> _echoes = [];

    public Pod Other => Mesh.Pod("other");

    public Pod Replica => Mesh.Pod("replica");

    public LabControlPlane ControlPlane => Mesh.ControlPlane;

    public AppServer AtServer => _echoes[0];

    public AppServer AtReplica => _echoes[1];

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _echoes.AddRange([AppServer.Echo(Server, EchoPort), AppServer.Echo(Replica, EchoPort)]);
    }

    public override Task DisposeAsync()
    {
        _echoes.ForEach(echo => echo.Dispose());
        return base.DisposeAsync();
    }

    /// <summary>What the mesh is at first, and again before every test.</summary>
    public MeshConfig Config(bool isScaledOut = false, string replicaStatus = "Healthy") =>
        Config(Mesh, isScaledOut, replicaStatus);

    /// <summary>Pushes and waits until both nodes have it.</summary>
    public Task PushAsync(MeshConfig config) => Mesh.RewriteAsync(config);

    /// <summary>From the client to the service.</summary>
    internal Task<SteadyTraffic> StartTrafficAsync() => SteadyTraffic.StartAsync(Client, Vip, ServicePort);

    /// <summary>To the server's address; policies decide.</summary>
    public Task CallServerAsync(Pod from) => EchoClient.OnceAsync(from, Server.V4, EchoPort);

    public async Task AssertDeniedAsync(Pod from)
    {
        Exception refused = await Assert.ThrowsAnyAsync<Exception>(() => CallServerAsync(from));
        Assert.True(refused is EndOfStreamException or SocketException, refused.ToString());
    }

    protected override TwoNodeMeshOptions Options() => new()
    {
        ExtraPods = [new PodSpec("other"), new PodSpec("replica", "node2")],
        Config = mesh => Config(mesh, isScaledOut: false, "Healthy"),
    };

    private static MeshConfig Config(TwoNodeMesh mesh, bool isScaledOut, string replicaStatus)
    {
        Dictionary<string, Dictionary<int, int>> echo = new() { [Service] = new() { [ServicePort] = EchoPort } };
        MeshConfig config = new MeshConfig()
            .Add(mesh.Client)
            .Add(mesh.Server, echo)
            .Add(mesh.Outside)
            .Add(mesh.Pod("other"))
            .AddService("echo", [Vip.ToString()], new() { [ServicePort] = EchoPort });
        return config.Add(
            mesh.Pod("replica"), isScaledOut ? echo : null, workload => workload["status"] = replicaStatus);
    }
}
