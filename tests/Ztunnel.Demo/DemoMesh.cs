using Ztunnel.Lab;

namespace Ztunnel.Demo;

/// <summary>
/// Nodes <c>east</c> (pods client and stranger) and <c>west</c> (pod server, later its replica), <c>outside</c> beside
/// the mesh. Mesh and certificates come from a control plane, or, locally, from a file and the embedded authority.
/// </summary>
internal sealed class DemoMesh : IAsyncDisposable
{
    public const string Vip = "10.96.0.10";
    public const int WebPort = 80;
    public const int WebTarget = 8080;
    public const int EchoPort = 7000;
    public const int IperfPort = 5201;

    /// <summary>Short enough that certificates are seen to rotate.</summary>
    private const int CertificateSeconds = 10;

    private const string Web = "default/web.default.svc.cluster.local";

    private readonly List<IDisposable> _applications = [];

    private DemoMesh(LabNetwork network, LabControlPlane? controlPlane)
    {
        (Network, ControlPlane) = (network, controlPlane);
        Client = Network.AddPod(new PodSpec("client", "east"));
        Stranger = Network.AddPod(new PodSpec("stranger", "east"));
        Server = Network.AddPod(new PodSpec("server", "west"));
        Replica = Network.AddPod(new PodSpec("replica", "west") { Account = Server.Spec.Account });
        Outside = Network.AddPod(new PodSpec("outside", "none", IsCaptured: false));
        ServerApp = new AppServer(Server, HttpApp.ServeAsync, WebTarget);
        ReplicaApp = new AppServer(Replica, HttpApp.ServeAsync, WebTarget);
        _applications.AddRange([ServerApp, ReplicaApp, AppServer.Echo(Server, EchoPort)]);
    }

    public LabNetwork Network { get; }

    /// <summary>Null in the local demo.</summary>
    public LabControlPlane? ControlPlane { get; }

    public Pod Client { get; }

    public Pod Stranger { get; }

    public Pod Server { get; }

    /// <summary>Not in the mesh before the service is scaled out.</summary>
    public Pod Replica { get; }

    public Pod Outside { get; }

    public AppServer ServerApp { get; }

    public AppServer ReplicaApp { get; }

    public ZtunnelProcess East { get; private set; } = null!; // from the first step on

    public ZtunnelProcess West { get; private set; } = null!;

    public IReadOnlyList<Pod> Pods => [Client, Stranger, Server, Outside];

    public IReadOnlyList<ZtunnelProcess> Proxies => [East, West];

    public static async Task<DemoMesh> CreateAsync(bool isLocal)
    {
        LabNetwork network = new();
        LabControlPlane? controlPlane = isLocal ? null : await LabControlPlane.StartAsync(network);
        if (controlPlane is not null)
        {
            controlPlane.Ca.Answer = CaAnswers.ShortLived(TimeSpan.FromSeconds(CertificateSeconds));
        }

        return new DemoMesh(network, controlPlane);
    }

    public void StartProxies()
    {
        ControlPlane?.Apply(Config());
        East = Start("east", Client, Stranger);
        West = Start("west", Server);
    }

    public MeshConfig Config(bool isScaledOut = false)
    {
        Dictionary<string, Dictionary<int, int>> web = new() { [Web] = new() { [WebPort] = WebTarget } };
        MeshConfig config = new MeshConfig()
            .Add(Client)
            .Add(Stranger)
            .Add(Server, web)
            .Add(Outside)
            .AddService("web", [Vip], new() { [WebPort] = WebTarget });
        return isScaledOut ? config.Add(Replica, web) : config;
    }

    /// <summary>Pushes the mesh to both nodes and waits until they have it; locally, writes their files.</summary>
    public Task UpdateAsync(MeshConfig config)
    {
        if (ControlPlane is null)
        {
            Proxies.ToList().ForEach(proxy => proxy.WriteConfig(config.ToYaml()));
            return Task.CompletedTask;
        }

        ControlPlane.Apply(config);
        return ControlPlane.WaitForAckAsync(Proxies.Count);
    }

    /// <summary>curl in a pod; what the page said.</summary>
    public static async Task<ShellResult> CurlAsync(Pod from, string address, string? body = null) =>
        await from.RunAsync("curl", ["-sS", "--noproxy", "*", "--max-time", "10",
            .. body is null ? [] : new[] { "-d", body }, $"http://{address}/"]);

    public async ValueTask DisposeAsync()
    {
        _applications.ForEach(application => application.Dispose());
        East?.Dispose();
        West?.Dispose();
        await (ControlPlane?.DisposeAsync() ?? ValueTask.CompletedTask);
        Network.Dispose();
    }

    private ZtunnelProcess Start(string node, params Pod[] pods) => new(
        Network, Network.AddNode(node), ControlPlane, new ZtunnelOptions
        {
            Binary = ZtunnelBinary.Ours,
            Pods = pods,
            Document = ControlPlane is null ? Config().ToYaml() : null,
            Environment = ControlPlane is null ? EmbeddedAuthority() : new Dictionary<string, string?>(),
        });

    private Dictionary<string, string?> EmbeddedAuthority() => new()
    {
        ["FAKE_CA"] = "true",
        ["ZTUNNEL_ALLOW_FAKE_CA"] = "true",
        ["ZTUNNEL_FAKE_CA_DIR"] = Directory.CreateDirectory(Path.Combine(Network.Folder, "ca")).FullName,
        ["SECRET_TTL"] = $"{CertificateSeconds}s",
    };
}
