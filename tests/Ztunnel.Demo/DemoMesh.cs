using Ztunnel.Lab;

namespace Ztunnel.Demo;

/// <summary>
/// Nodes <c>east</c> (pods client and stranger) and <c>west</c> (pod server), <c>outside</c> beside the mesh. The proxies
/// use the embedded certificate authority and a configuration file: nothing else is needed.
/// </summary>
internal sealed class DemoMesh : IDisposable
{
    public const string Vip = "10.96.0.10";
    public const int WebPort = 80;
    public const int WebTarget = 8080;
    public const int EchoPort = 7000;
    public const int IperfPort = 5201;

    private readonly List<IDisposable> _applications = [];

    public DemoMesh()
    {
        Network = new LabNetwork();
        Client = Network.AddPod(new PodSpec("client", "east"));
        Stranger = Network.AddPod(new PodSpec("stranger", "east"));
        Server = Network.AddPod(new PodSpec("server", "west"));
        Outside = Network.AddPod(new PodSpec("outside", "none", IsCaptured: false));
        _applications.Add(new AppServer(Server, HttpApp.ServeAsync, WebTarget));
        _applications.Add(AppServer.Echo(Server, EchoPort));
    }

    public LabNetwork Network { get; }

    public Pod Client { get; }

    public Pod Stranger { get; }

    public Pod Server { get; }

    public Pod Outside { get; }

    public ZtunnelProcess East { get; private set; } = null!; // from the first step on

    public ZtunnelProcess West { get; private set; } = null!;

    public IReadOnlyList<Pod> Pods => [Client, Stranger, Server, Outside];

    public IReadOnlyList<ZtunnelProcess> Proxies => [East, West];

    public void StartProxies()
    {
        East = Start("east", Client, Stranger);
        West = Start("west", Server);
    }

    /// <summary>The document both proxies read, and read again when it is replaced.</summary>
    public MeshConfig Config() => new MeshConfig()
        .Add(Client)
        .Add(Stranger)
        .Add(Server, new Dictionary<string, Dictionary<int, int>>
        {
            ["default/web.default.svc.cluster.local"] = new() { [WebPort] = WebTarget },
        })
        .Add(Outside)
        .AddService("web", [Vip], new() { [WebPort] = WebTarget });

    /// <summary>curl in a pod; what the page said.</summary>
    public static async Task<ShellResult> CurlAsync(Pod from, string address, string? body = null) => await from.RunAsync(
        "curl", ["-sS", "--noproxy", "*", "--max-time", "10",
            .. body is null ? [] : new[] { "-d", body }, $"http://{address}/"]);

    public void Dispose()
    {
        _applications.ForEach(application => application.Dispose());
        East?.Dispose();
        West?.Dispose();
        Network.Dispose();
    }

    private ZtunnelProcess Start(string node, params Pod[] pods) => new(
        Network, Network.AddNode(node), controlPlane: null, new ZtunnelOptions
    {
        Binary = ZtunnelBinary.Ours,
        Pods = pods,
        Document = Config().ToYaml(),
        Environment = new Dictionary<string, string?>
        {
            ["FAKE_CA"] = "true",
            ["ZTUNNEL_ALLOW_FAKE_CA"] = "true",
            ["ZTUNNEL_FAKE_CA_DIR"] = Directory.CreateDirectory(Path.Combine(Network.Folder, "ca")).FullName,
        },
    });
}
