namespace Ztunnel.Lab;

/// <summary>
/// The mesh most tests and benches need: pods <c>client</c> (node1) and <c>server</c> (node2) in the mesh, <c>outside</c>
/// beside it, a proxy on each node, one control plane.
/// </summary>
public sealed class TwoNodeMesh : IAsyncDisposable
{
    private readonly List<ZtunnelProcess> _proxies = [];

    private readonly List<Pod> _pods = [];

    private readonly TwoNodeMeshOptions _options;

    private TwoNodeMesh(LabNetwork lab, LabControlPlane controlPlane, TwoNodeMeshOptions options)
    {
        (Network, ControlPlane, _options) = (lab, controlPlane, options);
        Client = lab.AddPod(new PodSpec("client") { CapturesDns = options.CapturesDns });
        Server = lab.AddPod(new PodSpec("server", "node2") { CapturesDns = options.CapturesDns });
        Outside = lab.AddPod(new PodSpec("outside", IsCaptured: false));
        Nodes = [lab.AddNode("node1"), lab.AddNode("node2")];
        _pods.AddRange([Client, Server, Outside, .. options.ExtraPods.Select(lab.AddPod)]);
    }

    public LabNetwork Network { get; }

    public LabControlPlane ControlPlane { get; }

    public LabCa Ca => ControlPlane.Ca;

    public Pod Client { get; }

    public Pod Server { get; }

    public Pod Outside { get; }

    /// <summary>Where the proxies live.</summary>
    public IReadOnlyList<LabHost> Nodes { get; }

    /// <summary>Of node1, the client's.</summary>
    public ZtunnelProcess ClientProxy => _proxies[0];

    /// <summary>Of node2, the server's.</summary>
    public ZtunnelProcess ServerProxy => _proxies[1];

    public static async Task<TwoNodeMesh> StartAsync(TwoNodeMeshOptions? options = null)
    {
        options ??= new TwoNodeMeshOptions();
        LabNetwork lab = new();
        try
        {
            TwoNodeMesh mesh = new(lab, await LabControlPlane.StartAsync(lab), options);
            await mesh.StartProxiesAsync();
            return mesh;
        }
        catch
        {
            lab.Dispose();
            throw;
        }
    }

    /// <summary>The usual mesh of these pods; tests add to it.</summary>
    public MeshConfig Config()
    {
        MeshConfig config = new();
        _pods.ForEach(pod => config.Add(pod));
        return config;
    }

    public Pod Pod(string name) => _pods.Single(pod => pod.Name == name);

    /// <summary>
    /// Gives both proxies another mesh: done when they have it, or, with documents, when those are written.
    /// </summary>
    public Task RewriteAsync(MeshConfig config)
    {
        if (_options.IsStatic)
        {
            _proxies.ForEach(proxy => proxy.WriteConfig(config.ToYaml()));
            return Task.CompletedTask;
        }

        ControlPlane.Apply(config);
        return ControlPlane.WaitForAckAsync(_proxies.Count);
    }

    public async ValueTask DisposeAsync()
    {
        _proxies.ForEach(proxy => proxy.Dispose());
        await ControlPlane.DisposeAsync();
        Network.Dispose();
    }

    private async Task StartProxiesAsync()
    {
        MeshConfig config = _options.Config?.Invoke(this) ?? Config();
        if (!_options.IsStatic)
        {
            ControlPlane.Apply(config);
        }

        string? document = _options.IsStatic ? config.ToYaml() : null;
        Dictionary<string, string?> server = Environment();
        _options.ServerEnvironment.ToList().ForEach(variable => server[variable.Key] = variable.Value);
        _proxies.Add(Proxy(Nodes[0], _options.ClientBinary, Environment()));
        _proxies.Add(Proxy(Nodes[1], _options.ServerBinary, server));
        await Task.WhenAll(_proxies.Select(proxy => proxy.ReadyAsync()));

        ZtunnelProcess Proxy(LabHost node, string? binary, Dictionary<string, string?> variables) =>
            new(Network, node, ControlPlane, new ZtunnelOptions
            {
                Binary = binary ?? ZtunnelBinary.Ours,
                Pods = [.. _pods.Where(pod => pod.Spec.IsCaptured && pod.Spec.Node == node.Name)],
                Document = document,
                Environment = variables,
                ResolvConf = _options.ResolvConf,
                Wrapper = _options.Wrapper,
                Root = _options.Root,
            });
    }

    private Dictionary<string, string?> Environment()
    {
        Dictionary<string, string?> environment = new(_options.Environment);
        if (_options.CapturesDns)
        {
            environment.TryAdd("ISTIO_META_DNS_CAPTURE", "true");
        }

        return environment;
    }
}
