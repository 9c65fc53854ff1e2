using Ztunnel.Config;
using Ztunnel.Identity;
using Ztunnel.Linux;
using Ztunnel.State;
using static Ztunnel.Tests.State.TestMesh;

namespace Ztunnel.Tests.State;

public sealed class OutboundRouterTests
{
    private static readonly Workload s_client = Pod("client", "10.0.0.1");
    private static readonly Workload s_server = Pod("server", "10.0.0.2", serves: "shop/web.svc");
    private static readonly Workload s_waypoint = Pod("wp", "10.0.0.9", serves: "shop/wp.svc", port: 15008);
    private static readonly Service s_waypointService = Make("wp", "/10.96.0.9", ports: Ports((15008, 15008)), sans: ["spiffe://td/ns/shop/sa/wp-extra"]);

    private readonly OutboundRouter _router = new("", 15008, new ForbiddenPorts(15001, 15006, 15008), new Random(3));

    [Fact]
    public void IsSelfCall_LoopbackAndOwnPort_Only()
    {
        Assert.True(_router.IsSelfCall(At("127.0.0.1:15001")));
        Assert.True(_router.IsSelfCall(At("[::1]:15008")));
        Assert.False(_router.IsSelfCall(At("127.0.0.1:80")));
        Assert.False(_router.IsSelfCall(At("10.0.0.2:15008")));
    }

    [Fact]
    public void Select_UnknownAddress_PassesThrough()
    {
        OutboundRoute route = Route("8.8.8.8:53", s_client);

        Assert.Equal(RouteKind.Passthrough, route.Kind);
        Assert.Equal(At("8.8.8.8:53"), route.Target);
        Assert.Null(route.Destination);
        Assert.Null(route.Service);
        Assert.Null(route.Authority);
    }

    [Theory]
    [InlineData("10.0.0.2:8080", "10.0.0.2:15008")]
    [InlineData("[fd00::2]:8080", "[fd00::2]:15008")]
    public void Select_HbonePod_GoesThereThroughATunnel(string target, string hop)
    {
        OutboundRoute route = Route(target, s_client, Pod("server", "10.0.0.2", "fd00::2"));

        Assert.Equal(RouteKind.Hbone, route.Kind);
        Assert.Equal(At(hop), route.Target);
        Assert.Equal(target, route.Authority);
        Assert.Equal([SpiffeId.Parse("spiffe://td/ns/shop/sa/server")], route.ExpectedIdentities);
        Assert.Same(route.Destination!.ExpectedIdentities, route.ExpectedIdentities);
        Assert.Null(route.Service);
    }

    [Fact]
    public void Select_PlainPod_GoesThereAsItIs()
    {
        OutboundRoute route = Route("10.0.0.2:8080", s_client, Pod("server", "10.0.0.2", protocol: TunnelProtocol.Tcp));

        Assert.Equal(RouteKind.Tcp, route.Kind);
        Assert.Equal(At("10.0.0.2:8080"), route.Target);
        Assert.Equal("server", route.Destination!.Name);
        Assert.Null(route.Authority);
        Assert.Empty(route.ExpectedIdentities);
    }

    [Fact]
    public void Select_Vip_GoesToAnEndpointOnItsPort()
    {
        OutboundRoute route = Route(
            "10.96.0.1:80", s_client, s_server, Make("web", "/10.96.0.1", sans: ["spiffe://td/ns/x/sa/y", "not spiffe"]));

        Assert.Equal(RouteKind.Hbone, route.Kind);
        Assert.Equal(At("10.0.0.2:15008"), route.Target);
        Assert.Equal("10.0.0.2:8080", route.Authority);
        Assert.Equal(
            ["spiffe://td/ns/x/sa/y", "spiffe://td/ns/shop/sa/server"], route.ExpectedIdentities.Select(id => id.ToString()));
        Assert.Equal("web.svc", route.Service!.Hostname);
    }

    [Fact]
    public void Select_VipTwice_ExpectsTheVerySameIdentities()
    {
        MeshSnapshot mesh = Snapshot(s_client, s_server, Make("web", "/10.96.0.1", sans: ["spiffe://td/ns/x/sa/y"]));

        OutboundRoute first = _router.Select(mesh, s_client, Ip("10.0.0.1"), At("10.96.0.1:80")).Route!;
        OutboundRoute second = _router.Select(mesh, s_client, Ip("10.0.0.1"), At("10.96.0.1:80")).Route!;

        Assert.Same(first.ExpectedIdentities, second.ExpectedIdentities);
    }

    [Theory]
    [InlineData("10.96.0.1:80")]
    [InlineData("10.96.0.1:81")]
    public void Select_VipWithoutUsableEndpoint_IsRefused(string target)
    {
        Service service = Make("web", "/10.96.0.1");
        Workload[] endpoints = target.EndsWith("81", StringComparison.Ordinal) ? [s_server] : [];

        Assert.Equal($"no healthy upstream: {target}", Error(target, [s_client, service, .. endpoints]));
    }

    [Fact]
    public void Select_PassthroughService_GoesWhereItAsked()
    {
        Service service = Make("web", "/10.96.0.1", mode: LoadBalancerMode.Passthrough);

        OutboundRoute route = Route("10.96.0.1:80", s_client, s_server, service);

        Assert.Equal(RouteKind.Passthrough, route.Kind);
        Assert.Null(route.Service);
        Assert.Null(route.Destination);
    }

    [Theory]
    [InlineData("shop/wp.svc", "10.0.0.9:15008", true)]
    [InlineData("/10.96.0.9", "10.0.0.9:15008", true)]
    [InlineData("/10.0.0.9", "10.0.0.9:15008", false)]
    [InlineData("shop/wp.example.org", "10.0.0.9:15008", false)]
    public void Select_ServiceWithWaypoint_GoesThereForAnyPort(string reference, string hop, bool isService)
    {
        Workload waypoint = Pod("wp", "10.0.0.9", serves: "shop/wp.svc", port: 15008, hostname: "wp.example.org");
        Service web = Make("web", "/10.96.0.1", waypoint: Gateway(reference), mode: LoadBalancerMode.Passthrough);

        OutboundRoute route = Route("10.96.0.1:4711", s_client, waypoint, s_waypointService, web);

        Assert.Equal(RouteKind.Hbone, route.Kind);
        Assert.Equal(At(hop), route.Target);
        Assert.Equal("10.96.0.1:4711", route.Authority);
        Assert.Equal("wp", route.Destination!.Name);
        Assert.Equal("web.svc", route.Service!.Hostname);
        Assert.Equal(isService ? 2 : 1, route.ExpectedIdentities.Length);
    }

    [Theory]
    [InlineData("shop/nowhere.svc", "nowhere.svc")]
    [InlineData("/10.96.0.77", "/10.96.0.77")]
    [InlineData("shop/empty.svc", "empty.svc")]
    public void Select_WaypointNotFound_IsRefused(string reference, string shown)
    {
        Service web = Make("web", "/10.96.0.1", waypoint: Gateway(reference));

        Assert.Equal(
            $"unknown waypoint: waypoint {shown} not found",
            Error("10.96.0.1:80", s_client, s_server, web, Make("empty", "/10.96.0.8", ports: Ports((15008, 15008)))));
    }

    [Fact]
    public void Select_WeightedWaypoints_AreChosenByWeight()
    {
        WeightedWaypoint[] weighted =
        [
            new(Gateway("/10.0.0.9"), 3), new(Gateway("/10.0.0.8"), 1), new(Gateway("/10.0.0.7"), 0),
        ];
        MeshSnapshot mesh = Snapshot(
            s_client, s_waypoint, Pod("wp2", "10.0.0.8"), Pod("wp3", "10.0.0.7"), Make("web", "/10.96.0.1", weighted: weighted));

        int first = Enumerable.Range(0, 4000).Count(_ =>
        {
            Workload chosen = _router.Select(mesh, s_client, Ip("10.0.0.1"), At("10.96.0.1:80")).Route!.Destination!;
            Assert.NotEqual("wp3", chosen.Name);
            return chosen.Name == "wp";
        });

        Assert.InRange(first, 2850, 3150);
    }

    [Fact]
    public void Select_WeightsAllZero_FallsBackToTheSingleWaypointOrNone()
    {
        WeightedWaypoint[] zero = [new(Gateway("/10.0.0.8"), 0)];

        Assert.Equal("wp", Route(
            "10.96.0.1:80", s_client, s_waypoint, Make("web", "/10.96.0.1", weighted: zero, waypoint: Gateway("/10.0.0.9")))
            .Destination!.Name);
        Assert.Equal("server", Route("10.96.0.1:80", s_client, s_server, Make("web", "/10.96.0.1", weighted: zero))
            .Destination!.Name);
    }

    [Fact]
    public void Select_PodWithWaypoint_GoesThereEvenIfTheWaypointIsPlain()
    {
        Workload behind = Pod("server", "10.0.0.2", waypoint: Gateway("/10.0.0.9"));

        OutboundRoute route = Route("10.0.0.2:8080", s_client, behind, Pod("wp", "10.0.0.9", protocol: TunnelProtocol.Tcp));

        Assert.Equal(RouteKind.Hbone, route.Kind);
        Assert.Equal(At("10.0.0.9:15008"), route.Target);
        Assert.Equal("10.0.0.2:8080", route.Authority);
    }

    [Theory]
    [InlineData("/10.0.0.9", "10.0.0.9", true)]
    [InlineData("shop/wp.svc", "10.0.0.9", true)]
    [InlineData("shop/wp.svc", "10.0.0.77", false)]
    [InlineData("/10.0.0.9", "10.0.0.77", false)]
    public void Select_FromTheWaypointItself_GoesStraightToThePod(string reference, string clientIp, bool straight)
    {
        Workload behind = Pod("server", "10.0.0.2", waypoint: Gateway(reference));
        MeshSnapshot mesh = Snapshot(behind, s_waypoint, s_waypointService);

        OutboundRoute route = _router.Select(mesh, s_waypoint, Ip(clientIp), At("10.0.0.2:8080")).Route!;

        Assert.Equal(straight ? "server" : "wp", route.Destination!.Name);
    }

    [Fact]
    public void Select_ServiceWhosePodHasAWaypoint_SkipsIt()
    {
        Workload behind = Pod("server", "10.0.0.2", serves: "shop/web.svc", waypoint: Gateway("/10.0.0.9"));

        Assert.Equal("server", Route("10.96.0.1:80", s_client, behind, s_waypoint, Make("web", "/10.96.0.1")).Destination!.Name);
    }

    [Fact]
    public void Select_AddressOfPodAndService_SkipsTheServicesWaypointButBalances()
    {
        Workload owner = Pod("owner", "10.96.0.1");
        Service web = Make("web", "/10.96.0.1", waypoint: Gateway("/10.0.0.9"));

        OutboundRoute route = Route("10.96.0.1:80", s_client, owner, s_server, s_waypoint, web);

        Assert.Equal("server", route.Destination!.Name);
        Assert.Equal("web.svc", route.Service!.Hostname);
    }

    [Fact]
    public void Select_PodOfAnotherNetworkByAddress_IsRefused()
    {
        MeshSnapshot mesh = Snapshot(Pod("server", "10.0.0.2", network: "far"));
        Workload misplaced = Pod("client", "10.0.0.1", network: "far");
        var router = new OutboundRouter("far", 15008, new ForbiddenPorts(), new Random(1));

        // Found by the source's network, in the same network: fine. The other way round nothing is known there.
        Assert.Equal(RouteKind.Hbone, router.Select(mesh, misplaced, Ip("10.0.0.1"), At("10.0.0.2:80")).Route!.Kind);
        Assert.Equal(RouteKind.Passthrough, _router.Select(mesh, s_client, Ip("10.0.0.1"), At("10.0.0.2:80")).Route!.Kind);
    }

    [Fact]
    public void Select_EndpointOnAnotherNetwork_GoesThroughItsGatewayTwice()
    {
        Workload remote = Pod("remote", null, serves: "shop/web.svc", network: "far", gateway: Gateway("far/10.9.9.9", 15010));
        Workload gateway = Pod("gw", "10.9.9.9", network: "far");
        Service web = Make("web", "/10.96.0.1", sans: ["spiffe://td/ns/shop/sa/remote"]);

        OutboundRoute route = Route("10.96.0.1:80", s_client, remote, gateway, web);

        Assert.Equal(RouteKind.DoubleHbone, route.Kind);
        Assert.Equal(At("10.9.9.9:15010"), route.Target);
        Assert.Equal("web.svc:80", route.Authority);
        Assert.Equal(["spiffe://td/ns/shop/sa/gw"], route.ExpectedIdentities.Select(id => id.ToString()));
        Assert.Equal(["spiffe://td/ns/shop/sa/remote"], route.InnerIdentities.Select(id => id.ToString()));
        Assert.Equal("gw", route.Destination!.Name);
        Assert.Equal("web.svc", route.Service!.Hostname);
    }

    [Fact]
    public void Select_GatewayUnknownOrMissing_IsRefused()
    {
        Service web = Make("web", "/10.96.0.1");
        Workload lost = Pod("remote", null, serves: "shop/web.svc", network: "far", gateway: Gateway("shop/gw.svc"));
        Assert.Equal(
            "unknown network gateway: network gateway gw.svc not found", Error("10.96.0.1:80", s_client, lost, web));

        Workload none = Pod("remote", "10.1.1.1", serves: "shop/web.svc", network: "far");
        Assert.Equal(
            "no valid routing destination for workload: Workload{remote with uid c1//Pod/shop/remote (HBONE)}",
            Error("10.96.0.1:80", s_client, none, web));
    }

    [Fact]
    public void Select_WaypointOnAnotherNetwork_GoesThroughItsGateway()
    {
        Workload waypoint = Pod("wp", null, serves: "shop/wp.svc", port: 15008, network: "far", gateway: Gateway("/10.9.9.9"));
        Workload gateway = Pod("gw", "10.9.9.9");
        Service web = Make("web", "/10.96.0.1", waypoint: Gateway("shop/wp.svc"));

        OutboundRoute route = Route("10.96.0.1:80", s_client, waypoint, gateway, s_waypointService, web);

        Assert.Equal(RouteKind.DoubleHbone, route.Kind);
        Assert.Equal("web.svc:80", route.Authority);
        Assert.Equal(["spiffe://td/ns/shop/sa/wp-extra"], route.InnerIdentities.Select(id => id.ToString()));
    }

    [Fact]
    public void Select_WorkloadWithOnlyAName_IsHandedBackToResolve()
    {
        Workload named = Pod("server", null, serves: "shop/web.svc", hostname: "server.example.org");

        OutboundRoute route = Route("10.96.0.1:80", s_client, named, Make("web", "/10.96.0.1"));

        Assert.Equal("server.example.org", route.ResolveHostname);
        Assert.Null(route.Authority);
        Assert.False(route.PrefersV6);
        OutboundRoute resolved = route.Resolved(Ip("192.0.2.7"));
        Assert.Equal(At("192.0.2.7:15008"), resolved.Target);
        Assert.Equal("192.0.2.7:8080", resolved.Authority);
        Assert.Null(resolved.ResolveHostname);
        Assert.Same(route.Destination, resolved.Destination);
    }

    [Theory]
    [InlineData("/10.96.0.1", "Automatic", "10.0.0.2")]
    [InlineData("/fd96::1", "Automatic", "fd00::2")]
    [InlineData("/fd96::1", "IPv4", "10.0.0.2")]
    [InlineData("/10.96.0.1", "IPv6", "fd00::2")]
    [InlineData("/10.96.0.1", "Dual", "10.0.0.2")]
    public void Select_DualStackEndpoint_PrefersTheClientsFamilyAmongTheAllowed(string vip, string familiesName, string chosen)
    {
        IpFamilies families = Enum.Parse<IpFamilies>(familiesName); // xunit wants public parameter types
        Workload dual = Pod("server", "fd00::2", "10.0.0.2", serves: "shop/web.svc");
        InetAddress asked = Address(vip).Address;

        OutboundDecision decision = _router.Select(
            Snapshot(dual, Make("web", vip, families: families)), s_client, Ip("10.0.0.1"), new InetEndpoint(asked, 80));

        Assert.Equal(Ip(chosen), decision.Route!.Target.Address);
    }

    [Fact]
    public void Select_NoAllowedAddress_IsRefused() => Assert.StartsWith(
        "no valid routing destination for workload: Workload{server",
        Error("10.96.0.1:80", s_client, s_server, Make("web", "/10.96.0.1", families: IpFamilies.IPv6)),
        StringComparison.Ordinal);

    [Fact]
    public void Select_ServiceInvisibleToTheClient_PassesThrough()
    {
        Service hidden = Make("web", "/10.96.0.1", @namespace: "other", visibility: ServiceVisibility.Namespace);

        Assert.Equal(RouteKind.Passthrough, Route("10.96.0.1:80", s_client, hidden).Kind);
    }

    [Fact]
    public void Select_DirectPod_AllocatesLittle()
    {
        MeshSnapshot mesh = Snapshot(s_client, s_server);
        InetEndpoint target = At("10.0.0.2:8080");
        _router.Select(mesh, s_client, Ip("10.0.0.1"), target);
        long before = GC.GetAllocatedBytesForCurrentThread();

        OutboundDecision decision = _router.Select(mesh, s_client, Ip("10.0.0.1"), target);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 400); // the route and its authority
        Assert.True(decision.HasRoute);
    }

    private static Workload Pod(
        string name, string? ip, string? otherIp = null, string? serves = null, ushort port = 80, string network = "",
        string hostname = "", TunnelProtocol protocol = TunnelProtocol.Hbone, GatewayAddress? waypoint = null,
        GatewayAddress? gateway = null) => new()
        {
            Uid = $"c1//Pod/shop/{name}",
            Name = name,
            Namespace = "shop",
            ServiceAccount = name,
            TrustDomain = "td",
            Addresses = [.. new[] { ip, otherIp }.OfType<string>().Select(Ip)],
            Services = serves is null ? [] : [Serves(serves, (port, port == 80 ? (ushort)8080 : port))],
            Network = network,
            Hostname = hostname,
            Protocol = protocol,
            Waypoint = waypoint,
            NetworkGateway = gateway,
        };

    private static Service Make(
        string name, string vip, PortMap? ports = null, string[]? sans = null, GatewayAddress? waypoint = null,
        WeightedWaypoint[]? weighted = null, LoadBalancerMode mode = LoadBalancerMode.Standard,
        IpFamilies families = IpFamilies.Automatic, string @namespace = "shop",
        ServiceVisibility visibility = ServiceVisibility.Public) => new()
        {
            Name = name,
            Namespace = @namespace,
            Hostname = $"{name}.svc",
            Vips = [Address(vip)],
            Ports = ports ?? Ports((80, 8080)),
            SubjectAltNames = sans ?? [],
            Waypoint = waypoint,
            WeightedWaypoints = weighted ?? [],
            LoadBalancer = new LoadBalancer { Mode = mode },
            IpFamilies = families,
            Visibility = visibility,
        };

    private OutboundRoute Route(string target, params object[] resources)
    {
        OutboundDecision decision = _router.Select(Snapshot(resources), s_client, Ip("10.0.0.1"), At(target));
        Assert.Null(decision.Error);
        return decision.Route!;
    }

    private string? Error(string target, params object[] resources)
    {
        OutboundDecision decision = _router.Select(Snapshot(resources), s_client, Ip("10.0.0.1"), At(target));
        Assert.False(decision.HasRoute);
        return decision.Error;
    }
}
