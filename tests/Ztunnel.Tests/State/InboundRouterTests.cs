using Ztunnel.Config;
using Ztunnel.Linux;
using Ztunnel.State;
using static Ztunnel.Tests.State.TestMesh;

namespace Ztunnel.Tests.State;

public sealed class InboundRouterTests
{
    private readonly InboundRouter _router = new("", new ForbiddenPorts(15001, 15006, 15008));

    [Theory]
    [InlineData("10.0.0.1:80", null, 80)]
    [InlineData("[::1]:65535", null, 65535)]
    [InlineData("web.svc:80", "web.svc", 80)]
    [InlineData("WEB.svc.:80", "WEB.svc.", 80)]
    [InlineData("user@host:80", "user@host", 80)]
    [InlineData("010.0.0.1:80", "010.0.0.1", 80)]
    public void TryParse_Authority_IsAddressOrName(string text, string? hostname, int port)
    {
        Assert.True(InboundAuthority.TryParse(text, out InboundAuthority authority));
        Assert.Equal(hostname, authority.Hostname);
        Assert.Equal(port, authority.Port);
        Assert.Equal(text, authority.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData(":80")]
    [InlineData("web.svc")]
    [InlineData("web.svc:")]
    [InlineData("web.svc:65536")]
    [InlineData("web.svc:+80")]
    [InlineData("web.svc:80 ")]
    [InlineData("10.0.0.1")]
    public void TryParse_NoHostOrPort_IsRefused(string text) => Assert.False(InboundAuthority.TryParse(text, out _));

    [Fact]
    public void Select_OwnAddress_GoesToThatPort()
    {
        InboundRoute route = Route("10.0.0.1:8080", Pod());

        Assert.Equal(At("10.0.0.1:8080"), route.Target);
        Assert.False(route.WritesProxyHeader);
        Assert.Null(route.NamedService);
    }

    [Theory]
    [InlineData("10.0.0.7:8080", "ip mismatch: 10.0.0.1 != 10.0.0.7")]
    [InlineData("[fd00::1]:8080", "ip mismatch: 10.0.0.1 != fd00::1")]
    [InlineData("[::ffff:10.0.0.1]:8080", "ip mismatch: 10.0.0.1 != ::ffff:10.0.0.1")]
    public void Select_OtherAddress_IsABadRequest(string authority, string error)
    {
        InboundDecision decision = Decide(authority, Pod());

        Assert.Equal((400, error), (decision.Status, decision.Error));
    }

    [Theory]
    [InlineData("10.0.0.1:15008")]
    [InlineData("10.0.0.1:15001")]
    [InlineData("loop.svc:80")]
    public void Select_ForbiddenPort_IsRefusedAlsoBehindAServicePort(string authority)
    {
        InboundDecision decision = Decide(
            authority, Pod(tunnel: new ApplicationTunnel(ApplicationTunnelProtocol.None, 9)), Make("loop", Ports((80, 15006))));

        Assert.Equal((503, "attempted recursive call to ourselves"), (decision.Status, decision.Error));
    }

    [Fact]
    public void Select_ApplicationTunnel_AcceptsAnyAddressAndReplacesThePort()
    {
        InboundRoute route = Route("10.9.9.9:80", Pod(tunnel: new ApplicationTunnel(ApplicationTunnelProtocol.Proxy, 15088)));

        Assert.Equal(At("10.0.0.1:15088"), route.Target);
        Assert.True(route.WritesProxyHeader);
        Assert.Equal(At("10.9.9.9:80"), route.ProxyDestination);

        route = Route("10.9.9.9:80", Pod(tunnel: new ApplicationTunnel(ApplicationTunnelProtocol.None, null)));
        Assert.Equal(At("10.0.0.1:80"), route.Target);
        Assert.False(route.WritesProxyHeader);
    }

    [Theory]
    [InlineData("shop/wp.svc", true)]
    [InlineData("/10.0.0.1", true)]
    [InlineData("/10.96.0.9", true)]
    [InlineData("/10.0.0.3", false)]
    [InlineData("shop/none.svc", false)]
    [InlineData("shop/unknown.svc", false)]
    public void Select_AddressBehindThisWaypoint_IsAccepted(string reference, bool accepted)
    {
        Workload waypoint = Pod(serves: [Serves("shop/wp.svc", (15008, 15008))]);
        object[] mesh =
        [
            Make("wp", Ports((15008, 15008)), "/10.96.0.9"), Make("none", PortMap.Empty),
            new Workload { Uid = "other", Addresses = [Ip("10.0.0.3")] },
            new Workload { Uid = "behind", Addresses = [Ip("10.0.0.2")], Waypoint = Gateway(reference) },
            Make("single", Ports((80, 80)), "/10.96.0.1", Gateway(reference)),
            Make("weighted", Ports((80, 80)), "/10.96.0.2", weighted: [new WeightedWaypoint(Gateway(reference), 5)]),
            Make("unused", Ports((80, 80)), "/10.96.0.3", weighted: [new WeightedWaypoint(Gateway(reference), 0)]),
        ];

        Assert.Equal(accepted, Decide("10.0.0.2:80", waypoint, mesh).HasRoute);
        Assert.Equal(accepted, Decide("10.96.0.1:80", waypoint, mesh).HasRoute);
        Assert.Equal(accepted, Decide("10.96.0.2:80", waypoint, mesh).HasRoute);
        Assert.False(Decide("10.96.0.3:80", waypoint, mesh).HasRoute);
    }

    [Fact]
    public void Select_Hostname_TakesTheEndpointsPortThenTheServices()
    {
        Workload pod = Pod(serves: [Serves("shop/web.svc", (80, 9090))]);
        Service web = Make("web", Ports((80, 8080), (81, 8081), (82, 0)));

        Assert.Equal(9090, Route("web.svc:80", pod, web).Target.Port);
        Assert.Equal(8081, Route("web.svc:81", pod, web).Target.Port);
        Assert.Equal("web.svc", Route("web.svc:80", pod, web).NamedService!.Hostname);
        InboundDecision named = Decide("web.svc:82", pod, web);
        Assert.Equal((503, "requested service web.svc:82 found, but cannot resolve port"), (named.Status, named.Error));
        Assert.Equal("requested service web.svc:83 found, but cannot resolve port", Decide("web.svc:83", pod, web).Error);
    }

    [Fact]
    public void Select_UnknownHostname_IsUnavailable()
    {
        InboundDecision decision = Decide("nowhere.svc:80", Pod());

        Assert.Equal((503, "no service or workload for hostname: nowhere.svc"), (decision.Status, decision.Error));
    }

    [Fact]
    public void Select_HostnameBehindProxyTunnel_NamesTheBestVip()
    {
        Workload pod = Pod(tunnel: new ApplicationTunnel(ApplicationTunnelProtocol.Proxy, null));
        Service Web(params string[] vips) => new()
        {
            Name = "web",
            Namespace = "shop",
            Hostname = "web.svc",
            Ports = Ports((80, 8080)),
            Vips = [.. vips.Select(Address)],
        };

        Assert.Equal(At("10.96.0.2:80"), Route("web.svc:80", pod, Web("far/10.1.1.1", "/10.96.0.1", "/10.96.0.2", "/fd96::1")).ProxyDestination);
        Assert.Equal(At("[fd96::1]:80"), Route("web.svc:80", pod, Web("far/10.1.1.1", "/fd96::1")).ProxyDestination);
        Assert.Equal(At("10.1.1.1:80"), Route("web.svc:80", pod, Web("far/10.1.1.1")).ProxyDestination);
        InboundDecision none = Decide("web.svc:80", pod, Web());
        Assert.Equal((503, "requested service web.svc found, but has no IP addresses"), (none.Status, none.Error));
    }

    [Fact]
    public void GuessService_ForwardedHostThenPort_Decides()
    {
        Workload pod = Pod(serves: [Serves("shop/gone.svc"), Serves("shop/a.svc", (80, 9090)), Serves("shop/b.svc")]);
        MeshSnapshot mesh = Snapshot(pod, Make("a", Ports((80, 8080))), Make("b", Ports((80, 8081))));

        Assert.Equal("b.svc", Guess("b.svc", 8080));
        Assert.Equal("a.svc", Guess(null, 8080));
        Assert.Equal("a.svc", Guess("unknown", 9090));
        Assert.Equal("b.svc", Guess(null, 8081));
        Assert.Null(Guess(null, 1));
        Service named = mesh.FindService(Name("shop/a.svc"))!;
        Assert.Same(named, InboundRouter.GuessService(mesh, pod, named, null, 8080));
        Assert.Same(named, InboundRouter.GuessService(mesh, pod, named, "a.svc", 1));
        Assert.Null(InboundRouter.GuessService(mesh, pod, named, null, 1));

        string? Guess(string? host, ushort port) => InboundRouter.GuessService(mesh, pod, null, host, port)?.Hostname;
    }

    private static Workload Pod(ApplicationTunnel? tunnel = null, WorkloadService[]? serves = null) => new()
    {
        Uid = "local",
        Name = "local",
        Namespace = "shop",
        Addresses = [Ip("10.0.0.1"), Ip("fd00::1")],
        ApplicationTunnel = tunnel,
        Services = serves ?? [],
    };

    private static Service Make(
        string name, PortMap ports, string? vip = null, GatewayAddress? waypoint = null, WeightedWaypoint[]? weighted = null) =>
        new()
        {
            Name = name,
            Namespace = "shop",
            Hostname = $"{name}.svc",
            Ports = ports,
            Vips = vip is null ? [] : [Address(vip)],
            Waypoint = waypoint,
            WeightedWaypoints = weighted ?? [],
        };

    private InboundDecision Decide(string authority, Workload local, params object[] resources)
    {
        Assert.True(InboundAuthority.TryParse(authority, out InboundAuthority parsed));
        return _router.Select(Snapshot([local, .. resources]), local, Ip("10.0.0.1"), in parsed);
    }

    private InboundRoute Route(string authority, Workload local, params object[] resources)
    {
        InboundDecision decision = Decide(authority, local, resources);
        Assert.Null(decision.Error);
        return decision.Route!;
    }
}
