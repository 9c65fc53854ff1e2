using Google.Protobuf.Collections;
using Ztunnel.Linux;
using Ztunnel.State;
using Wire = Ztunnel.Protos.Workloads;

namespace Ztunnel.Xds.Readers;

/// <summary>A service off the wire, with the defaults that an absent field stands for.</summary>
internal sealed class ServiceReader(SharedValues shared)
{
    /// <exception cref="RejectedResourceException">With the field's trouble.</exception>
    public Service Read(Wire.Service message)
    {
        (NetworkAddress[] vips, NetworkCidr[] ranges) = Addresses(message.Addresses);
        return new Service
        {
            Name = shared.Text(message.Name),
            Namespace = shared.Text(message.Namespace),
            Hostname = shared.Text(message.Hostname),
            Vips = vips,
            CidrVips = ranges,
            Ports = shared.Ports(message.Ports),
            SubjectAltNames = shared.Texts(message.SubjectAltNames),
            Waypoint = MeshValues.OptionalGateway(message.Waypoint, shared),
            WeightedWaypoints = Weighted(message.WeightedWaypoints),
            LoadBalancer = Balancer(message.LoadBalancing),
            IpFamilies = Families(message.IpFamilies),
            Canonical = message.Canonical,
            Visibility = VisibilityOf(message.Visibility),
        };
    }

    // A full-length prefix is an address like any other.
    private (NetworkAddress[] Vips, NetworkCidr[] Ranges) Addresses(RepeatedField<Wire.NetworkAddress> fields)
    {
        List<NetworkAddress> vips = new(fields.Count);
        List<NetworkCidr> ranges = [];
        foreach (Wire.NetworkAddress field in fields)
        {
            NetworkAddress vip = MeshValues.NetworkAddress(field, shared);
            if (!field.HasLength)
            {
                vips.Add(vip);
                continue;
            }

            Cidr range = MeshValues.Range(vip.Address, field.Length);
            if (range.IsSingleAddress)
            {
                vips.Add(vip);
            }
            else
            {
                ranges.Add(new NetworkCidr(vip.Network, range));
            }
        }

        return ([.. vips], [.. ranges]);
    }

    private WeightedWaypoint[] Weighted(RepeatedField<Wire.WeightedWaypoint> fields) =>
    [
        .. fields.Select(field => field.Destination is { } destination
            ? new WeightedWaypoint(MeshValues.Gateway(destination, shared), field.Weight)
            : throw new RejectedResourceException("weighted waypoint is missing destination")),
    ];

    private static LoadBalancer? Balancer(Wire.LoadBalancing? balancing) => balancing is null
        ? null
        : new LoadBalancer
        {
            RoutingPreferences = [.. balancing.RoutingPreference.Select(Scope)],
            Mode = Mode(balancing.Mode),
            HealthPolicy = balancing.HealthPolicy switch
            {
                Wire.LoadBalancing.Types.HealthPolicy.OnlyHealthy => HealthPolicy.OnlyHealthy,
                Wire.LoadBalancing.Types.HealthPolicy.AllowAll => HealthPolicy.AllowAll,
                _ => throw MeshValues.UnknownValue(balancing.HealthPolicy),
            },
        };

    private static RoutingScope Scope(Wire.LoadBalancing.Types.Scope scope) => scope switch
    {
        Wire.LoadBalancing.Types.Scope.Region => RoutingScope.Region,
        Wire.LoadBalancing.Types.Scope.Zone => RoutingScope.Zone,
        Wire.LoadBalancing.Types.Scope.Subzone => RoutingScope.Subzone,
        Wire.LoadBalancing.Types.Scope.Node => RoutingScope.Node,
        Wire.LoadBalancing.Types.Scope.Cluster => RoutingScope.Cluster,
        Wire.LoadBalancing.Types.Scope.Network => RoutingScope.Network,
        Wire.LoadBalancing.Types.Scope.UnspecifiedScope =>
            throw new RejectedResourceException("unknown enum: invalid target"),
        _ => throw MeshValues.UnknownValue(scope),
    };

    private static LoadBalancerMode Mode(Wire.LoadBalancing.Types.Mode mode) => mode switch
    {
        Wire.LoadBalancing.Types.Mode.UnspecifiedMode => LoadBalancerMode.Standard,
        Wire.LoadBalancing.Types.Mode.Strict => LoadBalancerMode.Strict,
        Wire.LoadBalancing.Types.Mode.Failover => LoadBalancerMode.Failover,
        Wire.LoadBalancing.Types.Mode.Passthrough => LoadBalancerMode.Passthrough,
        _ => throw MeshValues.UnknownValue(mode),
    };

    private static IpFamilies Families(Wire.IPFamilies families) => families switch
    {
        Wire.IPFamilies.Automatic => IpFamilies.Automatic,
        Wire.IPFamilies.Ipv4Only => IpFamilies.IPv4,
        Wire.IPFamilies.Ipv6Only => IpFamilies.IPv6,
        Wire.IPFamilies.Dual => IpFamilies.Dual,
        _ => throw MeshValues.UnknownValue(families),
    };

    // As the reference reads it: what it does not know hides nothing.
    private static ServiceVisibility VisibilityOf(Wire.Service.Types.Visibility visibility) =>
        visibility == Wire.Service.Types.Visibility.Namespace ? ServiceVisibility.Namespace : ServiceVisibility.Public;
}
