using Ztunnel.Linux;
using Ztunnel.State;
using Ztunnel.Xds;
using Ztunnel.Xds.Readers;
using Wire = Ztunnel.Protos.Workloads;

namespace Ztunnel.Tests.Xds.Readers;

public sealed class ServiceReaderTests
{
    private readonly ServiceReader _reader = new(new SharedValues());

    [Fact]
    public void Read_Nothing_HasTheDefaultsOfAbsentFields()
    {
        Service service = _reader.Read(new Wire.Service());

        Assert.Null(service.LoadBalancer);
        Assert.Null(service.Waypoint);
        Assert.Equal(IpFamilies.Automatic, service.IpFamilies);
        Assert.Equal(ServiceVisibility.Public, service.Visibility);
        Assert.False(service.Canonical);
        Assert.Empty(service.Vips);
        Assert.Empty(service.CidrVips);
        Assert.Empty(service.WeightedWaypoints);
        Assert.Empty(service.SubjectAltNames);
        Assert.Empty(service.Ports.Mappings.ToArray());
        Assert.All([service.Name, service.Namespace, service.Hostname], Assert.Empty);
    }

    [Fact]
    public void Read_Everything_IsAllThere()
    {
        Service service = _reader.Read(WireMesh.FullService());

        Assert.Equal("cart", service.Name);
        Assert.Equal("shop/cart.shop.svc.cluster.local", service.Key.ToString());
        Assert.Equal(
            [new NetworkAddress("net1", InetAddress.Parse("10.96.0.1")), new("net1", InetAddress.Parse("10.96.0.2"))],
            service.Vips); // a full-length prefix is no range
        Assert.Equal([new NetworkCidr("net1", new Cidr(InetAddress.Parse("10.97.0.0"), 16))], service.CidrVips);
        Assert.Equal([new PortMapping(80, 8080)], service.Ports.Mappings.ToArray());
        Assert.Equal(["spiffe://cluster.local/ns/shop/sa/cart", "cart.example.org"], service.SubjectAltNames);
        Assert.Single(service.SubjectIdentities);
        Assert.Equal("net1/10.0.0.9", service.Waypoint!.Destination);
        Assert.Equal(
            [RoutingScope.Network, RoutingScope.Region, RoutingScope.Zone, RoutingScope.Subzone, RoutingScope.Node,
                RoutingScope.Cluster],
            service.LoadBalancer!.RoutingPreferences);
        Assert.Equal(LoadBalancerMode.Failover, service.LoadBalancer.Mode);
        Assert.Equal(HealthPolicy.AllowAll, service.LoadBalancer.HealthPolicy);
        Assert.Equal(IpFamilies.Dual, service.IpFamilies);
        Assert.True(service.Canonical);
        Assert.Equal(["shop/blue", "shop/green"], service.WeightedWaypoints.Select(way => way.Destination.Destination));
        Assert.Equal([90u, 0u], service.WeightedWaypoints.Select(way => way.Weight));
        Assert.Equal(ServiceVisibility.Namespace, service.Visibility);
    }

    [Theory]
    [InlineData(Wire.LoadBalancing.Types.Mode.UnspecifiedMode, (int)LoadBalancerMode.Standard)]
    [InlineData(Wire.LoadBalancing.Types.Mode.Strict, (int)LoadBalancerMode.Strict)]
    [InlineData(Wire.LoadBalancing.Types.Mode.Failover, (int)LoadBalancerMode.Failover)]
    [InlineData(Wire.LoadBalancing.Types.Mode.Passthrough, (int)LoadBalancerMode.Passthrough)]
    public void Read_Mode_IsThatMode(Wire.LoadBalancing.Types.Mode mode, int expected)
    {
        Service service = _reader.Read(new Wire.Service { LoadBalancing = new() { Mode = mode } });

        Assert.Equal((LoadBalancerMode)expected, service.LoadBalancer!.Mode);
        Assert.Equal(HealthPolicy.OnlyHealthy, service.LoadBalancer.HealthPolicy);
    }

    [Theory]
    [InlineData(Wire.IPFamilies.Automatic, (int)IpFamilies.Automatic)]
    [InlineData(Wire.IPFamilies.Ipv4Only, (int)IpFamilies.IPv4)]
    [InlineData(Wire.IPFamilies.Ipv6Only, (int)IpFamilies.IPv6)]
    [InlineData(Wire.IPFamilies.Dual, (int)IpFamilies.Dual)]
    public void Read_Families_AreThose(Wire.IPFamilies families, int expected) =>
        Assert.Equal((IpFamilies)expected, _reader.Read(new Wire.Service { IpFamilies = families }).IpFamilies);

    [Fact]
    public void Read_UnknownVisibility_IsPublic() => Assert.Equal(
        ServiceVisibility.Public,
        _reader.Read(new Wire.Service { Visibility = (Wire.Service.Types.Visibility)9 }).Visibility);

    [Fact]
    public void Read_RangeOverEverything_IsARange()
    {
        Service service = _reader.Read(new Wire.Service
        {
            Addresses = { new Wire.NetworkAddress { Address = WireMesh.Bytes("0.0.0.0"), Length = 0 } },
        });

        Assert.Empty(service.Vips);
        Assert.Equal(0, Assert.Single(service.CidrVips).Cidr.PrefixLength);
    }

    [Theory]
    [InlineData("10.0.0.0", 33, "invalid cidr: 10.0.0.0/33")]
    [InlineData("fd00::", 129, "invalid cidr: fd00::/129")]
    [InlineData("fd00::", uint.MaxValue, "invalid cidr: fd00::/4294967295")]
    public void Read_PrefixTooLong_IsRejected(string address, uint length, string reason) => Rejects(
        reason,
        new Wire.Service
        {
            Addresses = { new Wire.NetworkAddress { Address = WireMesh.Bytes(address), Length = length } },
        });

    [Fact]
    public void Read_UnspecifiedScope_IsRejected() => Rejects(
        "unknown enum: invalid target",
        new Wire.Service
        {
            LoadBalancing = new()
            {
                RoutingPreference =
                {
                    Wire.LoadBalancing.Types.Scope.Zone, Wire.LoadBalancing.Types.Scope.UnspecifiedScope,
                },
            },
        });

    [Fact]
    public void Read_WeightedWaypointWithoutDestination_IsRejected() => Rejects(
        "weighted waypoint is missing destination",
        new Wire.Service { WeightedWaypoints = { new Wire.WeightedWaypoint { Weight = 1 } } });

    [Fact]
    public void Read_WeightedWaypointWithEmptyDestination_IsRejected() => Rejects(
        "nonempty gateway address is missing address",
        new Wire.Service { WeightedWaypoints = { new Wire.WeightedWaypoint { Destination = new() } } });

    public static TheoryData<Wire.Service> UnknownEnums =>
    [
        new Wire.Service { IpFamilies = (Wire.IPFamilies)77 },
        new Wire.Service { LoadBalancing = new() { Mode = (Wire.LoadBalancing.Types.Mode)77 } },
        new Wire.Service { LoadBalancing = new() { HealthPolicy = (Wire.LoadBalancing.Types.HealthPolicy)77 } },
        new Wire.Service { LoadBalancing = new() { RoutingPreference = { (Wire.LoadBalancing.Types.Scope)77 } } },
    ];

    [Theory, MemberData(nameof(UnknownEnums))]
    public void Read_EnumOutOfRange_IsRejected(Wire.Service message) =>
        Rejects("decode error: unknown enumeration value 77", message);

    [Fact]
    public void Read_PortAboveSixteenBits_IsRejected() => Rejects(
        "invalid port: 70000", new Wire.Service { Ports = { new Wire.Port { ServicePort = 70_000 } } });

    [Fact]
    public void Read_BadAddress_IsRejected() => Rejects(
        "failed to parse address, had 0 bytes",
        new Wire.Service { Addresses = { new Wire.NetworkAddress { Network = "n" } } });

    private void Rejects(string reason, Wire.Service message) =>
        Assert.Equal(reason, Assert.Throws<RejectedResourceException>(() => _reader.Read(message)).Message);
}
