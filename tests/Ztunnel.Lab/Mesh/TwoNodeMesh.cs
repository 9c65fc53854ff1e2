namespace Ztunnel.Lab;

/// <summary>
/// The mesh most tests and benches need: pods <c>client</c> (node1) and <c>server</c> (node2) in the mesh, <c>outside</c>
/// beside it, a proxy on each node, one CA.
/// </summary>
public sealed class TwoNodeMesh : IAsyncDisposable
{
    private readonly List<ZtunnelProcess> _proxies = [];

    private TwoNodeMesh(LabNetwork lab, LabCa ca)
    {
        (Network, Ca) = (lab, ca);
        Client = lab.AddPod(new PodSpec("client"));
        Server = lab.AddPod(new PodSpec("server", "node2"));
        Outside = lab.AddPod(new PodSpec("outside", IsCaptured: false));
    }

    public LabNetwork Network { get; }

    public LabCa Ca { get; }

    public Pod Client { get; }

    public Pod Server { get; }

    public Pod Outside { get; }

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
            TwoNodeMesh mesh = new(lab, await LabCa.StartAsync(lab));
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
    public MeshConfig Config() => new MeshConfig().Add(Client).Add(Server).Add(Outside);

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
        _proxies.Add(Proxy("node1", Client, options.ClientBinary));
        _proxies.Add(Proxy("node2", Server, options.ServerBinary));
        await Task.WhenAll(_proxies.Select(proxy => proxy.ReadyAsync()));

        ZtunnelProcess Proxy(string node, Pod pod, string? binary) => new(Network, Network.AddNode(node), Ca, new ZtunnelOptions
        {
            Binary = binary ?? ZtunnelBinary.Ours,
            Pods = [pod],
            Config = config,
            Environment = options.Environment,
            Root = options.Root,
        });
    }
}
