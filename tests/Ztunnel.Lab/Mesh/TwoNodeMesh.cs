namespace Ztunnel.Lab;

/// <summary>
/// The mesh most tests and benches need: pods <c>client</c> (node1) and <c>server</c> (node2) in the mesh, <c>outside</c>
/// beside it, a proxy on each node, one CA.
/// </summary>
public sealed class TwoNodeMesh : IAsyncDisposable
{
    private readonly List<ZtunnelProcess> _proxies = [];

    private readonly List<Pod> _pods = [];

    private TwoNodeMesh(LabNetwork lab, LabCa ca, IReadOnlyList<PodSpec> extraPods)
    {
        (Network, Ca) = (lab, ca);
        Client = lab.AddPod(new PodSpec("client"));
        Server = lab.AddPod(new PodSpec("server", "node2"));
        Outside = lab.AddPod(new PodSpec("outside", IsCaptured: false));
        Nodes = [lab.AddNode("node1"), lab.AddNode("node2")];
        _pods.AddRange([Client, Server, Outside, .. extraPods.Select(lab.AddPod)]);
    }

    public LabNetwork Network { get; }

    public LabCa Ca { get; }

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
            TwoNodeMesh mesh = new(lab, await LabCa.StartAsync(lab), options.ExtraPods);
            await mesh.StartProxiesAsync(options);
            return mesh;
        }
        catch
        {
            lab.Dispose();
            throw;
        }
    }

    /// <summary>The usual document of these pods; tests add to it.</summary>
    public MeshConfig Config()
    {
        MeshConfig config = new();
        _pods.ForEach(pod => config.Add(pod));
        return config;
    }

    public Pod Pod(string name) => _pods.Single(pod => pod.Name == name);

    /// <summary>Gives both proxies another document.</summary>
    public void Rewrite(MeshConfig config) => _proxies.ForEach(proxy => proxy.WriteConfig(config.ToYaml()));

    public async ValueTask DisposeAsync()
    {
        _proxies.ForEach(proxy => proxy.Dispose());
        await Ca.DisposeAsync();
        Network.Dispose();
    }

    private async Task StartProxiesAsync(TwoNodeMeshOptions options)
    {
        string config = (options.Config?.Invoke(this) ?? Config()).ToYaml();
        _proxies.Add(Proxy(Nodes[0], options.ClientBinary));
        _proxies.Add(Proxy(Nodes[1], options.ServerBinary));
        await Task.WhenAll(_proxies.Select(proxy => proxy.ReadyAsync()));

        ZtunnelProcess Proxy(LabHost node, string? binary) => new(Network, node, Ca, new ZtunnelOptions
        {
            Binary = binary ?? ZtunnelBinary.Ours,
            Pods = [.. _pods.Where(pod => pod.Spec.IsCaptured && pod.Spec.Node == node.Name)],
            Config = config,
            Environment = options.Environment,
            Wrapper = options.Wrapper,
            Root = options.Root,
        });
    }
}
