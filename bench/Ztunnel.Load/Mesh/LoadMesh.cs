using System.Diagnostics;
using Ztunnel.Lab;
using Ztunnel.Linux;
using Ztunnel.Load.Cases;
using Ztunnel.Load.Generators;

namespace Ztunnel.Load.Mesh;

/// <summary>Client pod, proxies, server pod, with the server's applications running; or the pods alone.</summary>
internal sealed class LoadMesh : IAsyncDisposable
{
    /// <summary>A name of the mesh.</summary>
    public const string ServiceName = "echo.default.svc.cluster.local";

    // What a proxy puts off (freeing, shrinking) is part of neither its idle nor its held memory.
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(1.5);

    private readonly LabNetwork _network = new();
    private readonly LoadPlan _plan;
    private readonly string? _binary;
    private readonly List<ZtunnelProcess> _proxies = [];
    private readonly List<(double Elapsed, double Cpu)> _readyMilliseconds = [];
    private readonly Pod _client;
    private readonly Pod _server;
    private LabControlPlane? _controlPlane;

    private LoadMesh(string? binary, LoadPlan plan)
    {
        (_binary, _plan) = (binary, plan);
        bool isCaptured = binary is not null;
        _client = _network.AddPod(new PodSpec("client", IsCaptured: isCaptured) { CapturesDns = plan.UsesDns });
        _server = _network.AddPod(new PodSpec("server", plan.IsOneNode ? "node1" : "node2", isCaptured));
        Client = new GeneratorHost(_client, DescriptorAllowance.For(plan.HeldConnections));
    }

    public GeneratorHost Client { get; }

    public bool HasProxies => _binary is not null;

    /// <summary>Of the slowest proxy.</summary>
    public double ReadyMilliseconds => _readyMilliseconds.Max(ready => ready.Elapsed);

    /// <summary>Of the costliest.</summary>
    public double ReadyCpuMilliseconds => _readyMilliseconds.Max(ready => ready.Cpu);

    /// <summary>Of all proxies together.</summary>
    public TimeSpan CpuTime => _proxies.Aggregate(TimeSpan.Zero, (sum, proxy) => sum + proxy.CpuTime);

    /// <summary>Bytes.</summary>
    public double PssPerProxy => _proxies.Average(proxy => (double)proxy.PssBytes);

    /// <param name="binary">Null: no proxies, the pods talk to each other directly.</param>
    public static async Task<LoadMesh> StartAsync(string? binary, LoadPlan plan)
    {
        LoadMesh mesh = new(binary, plan);
        try
        {
            if (binary is not null)
            {
                await mesh.StartProxiesAsync();
            }

            return mesh;
        }
        catch
        {
            await mesh.DisposeAsync();
            throw;
        }
    }

    /// <summary>The applications, and a first connection through all of it.</summary>
    public async Task StartServerAsync()
    {
        GeneratorHost host = new(_server, DescriptorAllowance.For(_plan.HeldConnections));
        await host.Start(["serve"]).LineAsync(); // the lab ends it
        await Client.RunAsync<RequestReport>(
            ["request", Target(LoadServer.EchoPort), "--connections", "1", "--size", "64", "--seconds", "0.5"]);
    }

    public string Target(ushort port) => new InetEndpoint(InetAddress.From(_server.V4), port).ToString();

    public static Task SettleAsync() => Task.Delay(s_settling);

    public async ValueTask DisposeAsync()
    {
        _proxies.ForEach(proxy => proxy.Dispose());
        if (_controlPlane is not null)
        {
            await _controlPlane.DisposeAsync();
        }

        _network.Dispose();
    }

    private async Task StartProxiesAsync()
    {
        _controlPlane = await LabControlPlane.StartAsync(_network);
        string config = new MeshConfig().Add(_client).Add(_server).AddService("echo", ["10.96.0.10"], []).ToYaml();
        Pod[][] nodes = _plan.IsOneNode ? [[_client, _server]] : [[_client], [_server]];
        for (int i = 0; i < nodes.Length; i++)
        {
            // One after the other: each has the machine to itself while its start is timed.
            LabHost node = _network.AddNode($"node{i + 1}");
            long begin = Stopwatch.GetTimestamp();
            ZtunnelProcess proxy = new(_network, node, _controlPlane, Options(nodes[i], config));
            _proxies.Add(proxy);
            await proxy.ReadyAsync();
            _readyMilliseconds.Add((Stopwatch.GetElapsedTime(begin).TotalMilliseconds, proxy.CpuTime.TotalMilliseconds));
        }
    }

    private ZtunnelOptions Options(Pod[] pods, string config) => new()
    {
        Binary = _binary!,
        Pods = pods,
        Document = config,
        Root = _plan.Root,
        Wrapper = DescriptorAllowance.For(_plan.HeldConnections * pods.Length),
        Environment = new Dictionary<string, string?>
        {
            ["LD_LIBRARY_PATH"] = _plan.Libraries,
            ["ISTIO_META_DNS_CAPTURE"] = _plan.UsesDns ? "true" : "false",
        },
    };
}
