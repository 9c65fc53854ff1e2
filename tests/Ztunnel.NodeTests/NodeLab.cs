using System.Net.Sockets;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests;

/// <summary>
/// A network, a control plane and an outside pod shared by a class whose tests each bring pods and a proxy of their
/// own, because they end the proxy or tell it things no other test could live with.
/// </summary>
public sealed class NodeLab : IAsyncLifetime
{
    private const string NodeName = "node1";

    private LabControlPlane? _controlPlane;
    private Pod? _outside;
    private int _pods;
    private int _nodes;

    public LabNetwork Network { get; } = new();

    public LabControlPlane ControlPlane => _controlPlane ?? throw new LabException("the lab is not started");

    public LabCa Ca => ControlPlane.Ca;

    public Pod Outside => _outside ?? throw new LabException("the lab is not started");

    public async Task InitializeAsync()
    {
        _controlPlane = await LabControlPlane.StartAsync(Network);
        _outside = Network.AddPod(new PodSpec("outside", IsCaptured: false));
    }

    public async Task DisposeAsync()
    {
        if (_controlPlane is not null)
        {
            await _controlPlane.DisposeAsync();
        }

        Network.Dispose();
    }

    /// <summary>A captured pod with a name nobody else here has.</summary>
    public Pod AddPod() => Network.AddPod(new PodSpec($"pod{++_pods}", NodeName));

    public LabHost AddNode() => Network.AddNode($"proxy{++_nodes}");

    public MeshConfig Config(params ReadOnlySpan<Pod> pods)
    {
        MeshConfig config = new MeshConfig().Add(Outside);
        foreach (Pod pod in pods)
        {
            config.Add(pod);
        }

        return config;
    }

    /// <summary>
    /// A proxy of a new node that knows these pods and gets them in its snapshot, unless options say otherwise.
    /// </summary>
    public ZtunnelProcess Start(IReadOnlyList<Pod> pods, Func<ZtunnelOptions, ZtunnelOptions>? change = null) =>
        Start(AddNode(), pods, change);

    public ZtunnelProcess Start(
        LabHost node, IReadOnlyList<Pod> pods, Func<ZtunnelOptions, ZtunnelOptions>? change = null)
    {
        ZtunnelOptions options = new()
        {
            Binary = ZtunnelBinary.Ours,
            Pods = pods,
            Mesh = Config([.. pods]),
        };
        options = change?.Invoke(options) ?? options;
        Dictionary<string, string?> environment = new(options.Environment);
        environment.TryAdd("NODE_NAME", NodeName);
        return new ZtunnelProcess(Network, node, ControlPlane, options with { Environment = environment });
    }

    /// <summary>
    /// A call from outside into the pod: refused unless a proxy serves the pod, because its traffic is redirected.
    /// </summary>
    public async Task AssertServedAsync(Pod pod)
    {
        using AppServer echo = AppServer.Echo(pod);
        await EchoClient.OnceAsync(Outside, pod.V4, echo.Port);
    }

    public async Task AssertNotServedAsync(Pod pod)
    {
        using AppServer echo = AppServer.Echo(pod);
        SocketException refused = await Assert.ThrowsAsync<SocketException>(
            () => EchoClient.OnceAsync(Outside, pod.V4, echo.Port));
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
    }
}
