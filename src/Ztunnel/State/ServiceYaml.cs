using Ztunnel.Config;

namespace Ztunnel.State;

/// <summary>Reads the services of a static document.</summary>
internal static class ServiceYaml
{
    public static Service Read(YamlValue value)
    {
        YamlMap map = value.AsMap();
        Service service = new()
        {
            Name = map.Required("name").AsText(),
            Namespace = map.Required("namespace").AsText(),
            Hostname = map.Required("hostname").AsText(),
            Vips = map.Required("vips").AsArray(MeshYaml.Vip),
            CidrVips = map.Array("cidrVips", CidrVip),
            Ports = MeshYaml.Ports(map.Required("ports")),
            DeclaredEndpoints = [.. (map.Optional("endpoints")?.AsMap().Fields ?? []).Select(field => Endpoint(field.Value))],
            SubjectAltNames = map.Array("subjectAltNames", name => name.AsText()),
            Waypoint = MeshYaml.Gateway(map.Optional("waypoint")),
            WeightedWaypoints = map.Array("weightedWaypoints", Weighted),
            LoadBalancer = Balancer(map.Optional("loadBalancer")),
            IpFamilies = map.Optional("ipFamilies")?
                .AsOneOf(("Dual", IpFamilies.Dual), ("IPv4", IpFamilies.IPv4), ("IPv6", IpFamilies.IPv6))
                ?? IpFamilies.Automatic,
            Canonical = map.Bool("canonical"),
            Visibility = map.Optional("visibility")?
                .AsOneOf(("Public", ServiceVisibility.Public), ("Namespace", ServiceVisibility.Namespace))
                ?? ServiceVisibility.Public,
        };
        map.RefuseOthers();
        return service;
    }

    private static NetworkCidr CidrVip(YamlValue value)
    {
        YamlMap map = value.AsMap();
        NetworkCidr vip = new(map.Required("network").AsText(), MeshYaml.Range(map.Required("cidr")));
        map.RefuseOthers();
        return vip;
    }

    private static Endpoint Endpoint(YamlValue value)
    {
        YamlMap map = value.AsMap();
        Endpoint endpoint = new(
            map.Required("workloadUid").AsText(),
            MeshYaml.Ports(map.Required("port")),
            MeshYaml.Status(map.Optional("status")));
        map.RefuseOthers();
        return endpoint;
    }

    private static WeightedWaypoint Weighted(YamlValue value)
    {
        YamlMap map = value.AsMap();
        WeightedWaypoint waypoint = new(
            MeshYaml.Gateway(map.Required("destination"))!, map.Required("weight").AsNumber(uint.MaxValue));
        map.RefuseOthers();
        return waypoint;
    }

    private static LoadBalancer? Balancer(YamlValue? value)
    {
        if (value is null)
        {
            return null;
        }

        YamlMap map = value.AsMap();
        LoadBalancer balancer = new()
        {
            RoutingPreferences = map.Array("routingPreferences", Scope),
            Mode = map.Optional("mode")?.AsOneOf(
                ("Standard", LoadBalancerMode.Standard),
                ("Strict", LoadBalancerMode.Strict),
                ("Failover", LoadBalancerMode.Failover),
                ("Passthrough", LoadBalancerMode.Passthrough)) ?? LoadBalancerMode.Standard,
            HealthPolicy = map.Optional("healthPolicy")?
                .AsOneOf(("OnlyHealthy", HealthPolicy.OnlyHealthy), ("AllowAll", HealthPolicy.AllowAll))
                ?? HealthPolicy.OnlyHealthy,
        };
        map.RefuseOthers();
        return balancer;
    }

    private static RoutingScope Scope(YamlValue value) => value.AsOneOf(
        ("Region", RoutingScope.Region),
        ("Zone", RoutingScope.Zone),
        ("Subzone", RoutingScope.Subzone),
        ("Node", RoutingScope.Node),
        ("Cluster", RoutingScope.Cluster),
        ("Network", RoutingScope.Network));
}
