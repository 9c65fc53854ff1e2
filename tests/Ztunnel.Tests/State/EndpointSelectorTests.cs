using Ztunnel.State;
using static Ztunnel.Tests.State.TestMesh;

namespace Ztunnel.Tests.State;

public sealed class EndpointSelectorTests
{
    private static readonly RoutingScope[] s_networkRegionZone =
        [RoutingScope.Network, RoutingScope.Region, RoutingScope.Zone];

    private static readonly Workload s_source = new()
    {
        Uid = "source",
        Namespace = "shop",
        Network = "n",
        Node = "node-a",
        ClusterId = "c",
        Locality = new Locality("r", "z", "s"),
    };

    private readonly EndpointSelector _selector = new(new Random(1));

    [Fact]
    public void Select_EqualCapacities_SpreadsEvenly()
    {
        Dictionary<string, int> hits = Count(Service(), [.. Enumerable.Range(0, 10).Select(i => Pod($"uid-{i}"))], 10_000);

        Assert.Equal(10, hits.Count);
        Assert.All(hits.Values, count => Assert.InRange(count, 800, 1200));
    }

    [Fact]
    public void Select_Capacities_AreWeights()
    {
        Dictionary<string, int> hits = Count(
            Service(), [Pod("one", capacity: 1), Pod("three", capacity: 3), Pod("none", capacity: 0)], 10_000);

        Assert.Equal(2, hits.Count);
        Assert.InRange(hits["three"], 7200, 7800);
    }

    [Fact]
    public void Select_AllCapacitiesZero_FindsNothing() =>
        Assert.Null(Select(Service(), Pod("a", capacity: 0), Pod("b", capacity: 0)));

    [Fact]
    public void Select_HighestRankHasNoCapacity_FindsNothing()
    {
        Service service = Service(LoadBalancerMode.Failover, RoutingScope.Node);

        Assert.Null(Select(service, Pod("near", capacity: 0, node: "node-a"), Pod("far", node: "node-b")));
    }

    [Fact]
    public void Select_UnknownPort_FindsNothing() =>
        Assert.Null(_selector.Select(Snapshot(Pod("a")), s_source, Service(), 81, toWaypoint: false));

    [Fact]
    public void Select_UnusableEndpoints_AreLeftOut()
    {
        Workload unhealthy = Pod("unhealthy", status: HealthStatus.Unhealthy);
        Workload unreachable = Pod("unreachable", ip: null);
        Workload gatewayOfOwnNetwork = Pod("own-gateway", ip: null, gateway: Gateway("/1.1.1.1"));
        Assert.Null(Select(Service(), unhealthy, unreachable, gatewayOfOwnNetwork));

        Workload remote = Pod("remote", ip: null, gateway: Gateway("/1.1.1.1"), network: "far");
        Assert.Equal("remote", Select(Service(), unhealthy, unreachable, gatewayOfOwnNetwork, remote)!.Value.Workload.Uid);
        Assert.Equal("named", Select(Service(), unhealthy, Pod("named", ip: null, hostname: "x"))!.Value.Workload.Uid);
    }

    [Fact]
    public void Select_DeclaredEndpointOfUnknownWorkload_IsLeftOut()
    {
        Service service = new()
        {
            Name = "cart",
            Namespace = "shop",
            Hostname = "cart.svc",
            Ports = Ports((80, 8080)),
            DeclaredEndpoints = [new Endpoint("ghost", PortMap.Empty, HealthStatus.Healthy)],
        };

        Assert.Null(_selector.Select(Snapshot(service), s_source, service, 80, toWaypoint: false));
        MeshSnapshot known = Snapshot(service, new Workload { Uid = "ghost", Addresses = [Ip("10.0.0.9")] });
        Assert.Equal("ghost", _selector.Select(known, s_source, service, 80, toWaypoint: false)!.Value.Workload.Uid);
    }

    [Theory]
    [InlineData("n", "r", "z", 5)]
    [InlineData("n", "r", "other", 4)]
    [InlineData("n", "other", "z", 3)]
    [InlineData("far", "r", "z", 2)]
    [InlineData("far", "r", "other", 1)]
    [InlineData("far", "other", "z", 0)]
    public void Select_FailoverByNetworkRegionZone_RanksAsSpecified(string network, string region, string zone, int rank)
    {
        (string Network, string Region, string Zone)[] byRank =
            [("far", "x", "x"), ("far", "r", "x"), ("far", "r", "z"), ("n", "x", "x"), ("n", "r", "x"), ("n", "r", "z")];
        Workload candidate = Pod("candidate", network: network, locality: new Locality(region, zone, ""));
        Service service = Service(LoadBalancerMode.Failover, s_networkRegionZone);
        for (int other = 0; other < byRank.Length; other++)
        {
            (string otherNetwork, string otherRegion, string otherZone) = byRank[other];
            Workload rival = Pod("rival", network: otherNetwork, locality: new Locality(otherRegion, otherZone, ""));

            Dictionary<string, int> hits = Count(service, [candidate, rival], 50);

            Assert.Equal(rank >= other, hits.ContainsKey("candidate"));
            Assert.Equal(rank <= other, hits.ContainsKey("rival"));
        }
    }

    [Fact]
    public void Select_Strict_TakesOnlyFullMatches()
    {
        Service byNode = Service(LoadBalancerMode.Strict, RoutingScope.Node);
        Assert.Null(Select(byNode, Pod("far", node: "node-b")));
        Assert.Equal("near", Select(byNode, Pod("far", node: "node-b"), Pod("near", node: "node-a"))!.Value.Workload.Uid);

        Service byNetwork = Service(LoadBalancerMode.Strict, s_networkRegionZone);
        Assert.Null(Select(byNetwork, Pod("far", network: "far", locality: new Locality("r", "z", "s"))));
    }

    [Theory]
    [InlineData("Subzone")]
    [InlineData("Cluster")]
    [InlineData("Network")]
    public void Select_StrictByOneScope_ComparesThatScope(string scopeName)
    {
        RoutingScope scope = Enum.Parse<RoutingScope>(scopeName); // xunit wants public parameter types
        Workload near = Pod("near", locality: new Locality("x", "x", "s"), cluster: "c");
        Workload far = Pod("far", locality: new Locality("r", "z", "x"), cluster: "x", network: "far");

        Assert.Equal(["near"], Count(Service(LoadBalancerMode.Strict, scope), [near, far], 20).Keys);
    }

    [Fact]
    public void Select_TargetPort_IsTheEndpointsThenTheServicesThenTheTunnels()
    {
        Assert.Equal(9090, Select(Service(), Pod("a", ports: [(80, 9090)]))!.Value.Port);
        Assert.Equal(8080, Select(Service(), Pod("a", ports: []))!.Value.Port);
        Assert.Null(Select(Service(target: 0), Pod("a", ports: [])));
        Assert.Equal(9090, Select(Service(target: 0), Pod("a", ports: [(80, 9090)]))!.Value.Port);
    }

    [Fact]
    public void Select_ToWaypointOnAnUnnamedPort_NeedsAnApplicationTunnel()
    {
        Workload tunnelled = Pod("tunnelled", tunnel: new ApplicationTunnel(ApplicationTunnelProtocol.Proxy, 15088));
        Workload portless = Pod("portless", tunnel: new ApplicationTunnel(ApplicationTunnelProtocol.Proxy, null));

        Upstream? found = _selector.Select(Snapshot(tunnelled, Pod("plain")), s_source, Service(), 15008, toWaypoint: true);
        Assert.Equal(("tunnelled", (ushort)15008), (found!.Value.Workload.Uid, found.Value.Port));
        Assert.Null(_selector.Select(Snapshot(Pod("plain")), s_source, Service(), 15008, toWaypoint: true));
        Assert.Null(_selector.Select(Snapshot(portless), s_source, Service(), 15008, toWaypoint: true));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Select_DoubtfulEndpoints_AreLeftOutWhileThereAreOthers(bool isRanked)
    {
        Service service = isRanked ? Service(LoadBalancerMode.Failover, RoutingScope.Node) : Service();
        Workload[] pods = [Pod("a", node: "node-a"), Pod("b", node: "node-b"), Pod("c", node: "node-b")];
        AvoidedEndpoints avoided = new();
        avoided.Failed(new EndpointKey("a", 8080), 0);

        Assert.Equal(["b", "c"], Count(service, pods, 50, new EndpointDoubts(null, avoided, 0)).Keys.Order());
        Assert.Contains("a", Count(service, pods, 50, new EndpointDoubts(null, avoided, 10_000)).Keys);
        Assert.Equal(["c"], Count(service, pods, 50, new EndpointDoubts([new("b", 8080)], avoided, 0)).Keys);
    }

    [Fact]
    public void Select_DoubtfulEndpointsOnly_PrefersWhatThisConnectionHasNotTried()
    {
        Workload[] pods = [Pod("a"), Pod("b")];
        AvoidedEndpoints avoided = new();
        avoided.Failed(new EndpointKey("a", 8080), 0);
        avoided.Failed(new EndpointKey("b", 8080), 0);

        Assert.Equal(2, Count(Service(), pods, 50, new EndpointDoubts(null, avoided, 0)).Count);
        Assert.Equal(["b"], Count(Service(), pods, 50, new EndpointDoubts([new("a", 8080)], avoided, 0)).Keys);
        Assert.Equal(
            2, Count(Service(), pods, 50, new EndpointDoubts([new("a", 8080), new("b", 8080)], avoided, 0)).Count);
    }

    [Fact]
    public void Select_AnotherPortFailed_DoesNotCount()
    {
        AvoidedEndpoints avoided = new();
        avoided.Failed(new EndpointKey("a", 9090), 0);

        Assert.Equal(2, Count(Service(), [Pod("a"), Pod("b")], 50, new EndpointDoubts(null, avoided, 0)).Count);
    }

    [Fact]
    public void Select_WithDoubts_AllocatesNothing()
    {
        MeshSnapshot mesh = Snapshot([Pod("a"), Pod("b"), Pod("c", capacity: 2)]);
        Service service = Service();
        AvoidedEndpoints avoided = new();
        avoided.Failed(new EndpointKey("a", 8080), 0);
        EndpointDoubts doubts = new([new("b", 8080)], avoided, 0);
        _selector.Select(mesh, s_source, service, 80, toWaypoint: false, doubts);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            _selector.Select(mesh, s_source, service, 80, toWaypoint: false, doubts);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static Service Service(LoadBalancerMode mode = LoadBalancerMode.Standard, params RoutingScope[] preferences) =>
        new()
        {
            Name = "cart",
            Namespace = "shop",
            Hostname = "cart.svc",
            Ports = Ports((80, 8080)),
            LoadBalancer = new LoadBalancer { Mode = mode, RoutingPreferences = preferences },
        };

    private static Service Service(ushort target) =>
        new() { Name = "cart", Namespace = "shop", Hostname = "cart.svc", Ports = Ports((80, target)) };

    private static Workload Pod(
        string uid, uint capacity = 1, string node = "", string network = "n", Locality? locality = null, string? ip = "10.0.0.1",
        string hostname = "", string cluster = "", GatewayAddress? gateway = null, ApplicationTunnel? tunnel = null,
        HealthStatus status = HealthStatus.Healthy, (ushort, ushort)[]? ports = null) => new()
        {
            Uid = uid,
            Capacity = capacity,
            Node = node,
            Network = network,
            Locality = locality ?? Locality.None,
            Addresses = ip is null ? [] : [Ip(ip)],
            Hostname = hostname,
            ClusterId = cluster,
            NetworkGateway = gateway,
            ApplicationTunnel = tunnel,
            Status = status,
            Services = [Serves("shop/cart.svc", ports ?? [(80, 8080)])],
        };

    private Upstream? Select(Service service, params Workload[] workloads) =>
        _selector.Select(Snapshot([.. workloads]), s_source, service, 80, toWaypoint: false);

    private Dictionary<string, int> Count(
        Service service, Workload[] workloads, int times, EndpointDoubts doubts = default)
    {
        MeshSnapshot mesh = Snapshot([.. workloads]);
        var hits = new Dictionary<string, int>();
        for (int i = 0; i < times; i++)
        {
            string uid = _selector.Select(mesh, s_source, service, 80, toWaypoint: false, doubts)!.Value.Workload.Uid;
            hits[uid] = hits.GetValueOrDefault(uid) + 1;
        }

        return hits;
    }
}
