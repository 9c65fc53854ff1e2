using BenchmarkDotNet.Attributes;
using Ztunnel.Config;
using Ztunnel.Linux;
using Ztunnel.State;

namespace Ztunnel.Benchmarks.State;

/// <summary>What a connection and a push ask of a mesh, in which a hundredth as many services as workloads are.</summary>
[MemoryDiagnoser]
public class StateBenchmarks
{
    private const int EndpointsOfNearest = 100;

    private static readonly InetAddress s_client = InetAddress.V4(0x0A00_0001);
    private static readonly InetAddress s_nearest = InetAddress.V4(0x0A5F_0000);
    private static readonly PortMap s_ports = PortMap.Of(new PortMapping(80, 8080));

    private readonly MeshState _state = new("node-1");
    private readonly OutboundRouter _router = new("", 15008, new ForbiddenPorts(15001, 15006, 15008), Random.Shared);
    private Workload _source = null!;
    private uint _next;

    [Params(1_000, 10_000, 100_000)]
    public int Workloads { get; set; }

    private int Services => Workloads / 100;

    [GlobalSetup]
    public void Setup()
    {
        _state.Apply(WholeMesh());
        _source = _state.Current.FindWorkload("c1//Pod/ns/pod-1")!;
    }

    [Benchmark]
    public object? FindByAddress() => _state.Current.FindWorkload(new NetworkAddress("", Address()));

    [Benchmark]
    public object? FindByVip() => _state.Current.FindService(
        new NetworkAddress("", InetAddress.V4(0x0A60_0000 + (_next++ % (uint)Services))), "ns");

    [Benchmark]
    public object? RouteToPod() =>
        _router.Select(_state.Current, _source, s_client, new InetEndpoint(Address(), 8080)).Route;

    [Benchmark]
    public object? RouteToService() => _router.Select(
        _state.Current, _source, s_client, new InetEndpoint(InetAddress.V4(0x0A60_0000 + (_next++ % (uint)Services)), 80)).Route;

    /// <summary>Every endpoint is looked at: the service prefers those of the client's node.</summary>
    [Benchmark]
    public object? RouteToNearest() =>
        _router.Select(_state.Current, _source, s_client, new InetEndpoint(s_nearest, 80)).Route;

    /// <summary>Another pod each time, that is on another node than before.</summary>
    [Benchmark]
    public object ApplyOnePod()
    {
        (uint round, uint pod) = Math.DivRem(_next++, (uint)Workloads);
        return _state.Apply(new MeshUpdate().Set(Pod(pod, node: round + 1)));
    }

    [Benchmark]
    public object ApplyOneHealth()
    {
        (uint round, uint pod) = Math.DivRem(_next++, (uint)Workloads);
        HealthStatus status = round % 2 == 0 ? HealthStatus.Unhealthy : HealthStatus.Healthy;
        return _state.Apply(new MeshUpdate().Set(Pod(pod, node: 0, status)));
    }

    [Benchmark]
    public object LoadAll() => new MeshState("node-1").Apply(WholeMesh());

    private MeshUpdate WholeMesh()
    {
        var update = new MeshUpdate();
        for (uint i = 0; i < Workloads; i++)
        {
            update.Set(Pod(i, node: 0));
        }

        for (uint i = 0; i < Services; i++)
        {
            update.Set(new Service
            {
                Name = $"svc-{i}",
                Namespace = "ns",
                Hostname = $"svc-{i}.ns.svc.cluster.local",
                Vips = [new NetworkAddress("", InetAddress.V4(0x0A60_0000 + i))],
                Ports = s_ports,
            });
        }

        return update.Set(new Service
        {
            Name = "nearest",
            Namespace = "ns",
            Hostname = "nearest.ns.svc.cluster.local",
            Vips = [new NetworkAddress("", s_nearest)],
            Ports = s_ports,
            LoadBalancer = new LoadBalancer { Mode = LoadBalancerMode.Failover, RoutingPreferences = [RoutingScope.Node] },
        });
    }

    private Workload Pod(uint i, uint node, HealthStatus status = HealthStatus.Healthy) => new()
    {
        Uid = $"c1//Pod/ns/pod-{i}",
        Name = $"pod-{i}",
        Namespace = "ns",
        ServiceAccount = "default",
        TrustDomain = "cluster.local",
        Node = $"node-{(i + node) % 1000}",
        Protocol = TunnelProtocol.Hbone,
        Addresses = [InetAddress.V4(0x0A00_0000 + i)],
        Status = status,
        Services =
        [
            new WorkloadService(new NamespacedHostname("ns", $"svc-{i % Services}.ns.svc.cluster.local"), s_ports),
            .. i < EndpointsOfNearest
                ? [new WorkloadService(new NamespacedHostname("ns", "nearest.ns.svc.cluster.local"), s_ports)]
                : Array.Empty<WorkloadService>(),
        ],
    };

    private InetAddress Address() => InetAddress.V4(0x0A00_0000 + (_next++ * 7919 % (uint)Workloads));
}
