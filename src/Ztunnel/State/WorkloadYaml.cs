using Ztunnel.Config;

namespace Ztunnel.State;

/// <summary>Reads the workloads of a static document.</summary>
internal static class WorkloadYaml
{
    public static Workload Read(YamlValue value)
    {
        YamlMap map = value.AsMap();
        Workload workload = new()
        {
            Uid = map.Text("uid"),
            Name = map.Text("name"),
            Namespace = map.Required("namespace").AsText(),
            Addresses = map.Required("workloadIps").AsArray(MeshYaml.Address),
            Network = map.Text("network"),
            Protocol = map.Optional("protocol")?.AsOneOf(("TCP", TunnelProtocol.Tcp), ("HBONE", TunnelProtocol.Hbone))
                ?? TunnelProtocol.Tcp,
            NetworkMode = map.Optional("networkMode")?
                .AsOneOf(("Standard", NetworkMode.Standard), ("HostNetwork", NetworkMode.HostNetwork)) ?? NetworkMode.Standard,
            TrustDomain = map.Text("trustDomain"),
            ServiceAccount = map.Text("serviceAccount"),
            Waypoint = MeshYaml.Gateway(map.Optional("waypoint")),
            NetworkGateway = MeshYaml.Gateway(map.Optional("networkGateway")),
            Node = map.Text("node"),
            CanonicalName = map.Text("canonicalName"),
            CanonicalRevision = map.Text("canonicalRevision"),
            WorkloadType = map.Text("workloadType"),
            WorkloadName = map.Text("workloadName"),
            NativeTunnel = map.Bool("nativeTunnel"),
            ApplicationTunnel = Tunnel(map.Optional("applicationTunnel")),
            AuthorizationPolicies = map.Array("authorizationPolicies", PolicyKey),
            Status = MeshYaml.Status(map.Optional("status")),
            ClusterId = map.Text("clusterId"),
            Hostname = map.Text("hostname"),
            Locality = Place(map.Optional("locality")),
            Capacity = map.Optional("capacity")?.AsNumber(uint.MaxValue) ?? 1,
            Services = [.. map.Required("services").AsMap().Fields.Select(Served)],
            IsOfDocument = true,
        };
        map.RefuseOthers();
        return workload;
    }

    private static WorkloadService Served((YamlValue Key, YamlValue Value) field) =>
        NamespacedHostname.TryParse(field.Key.AsText(), out NamespacedHostname name)
            ? new WorkloadService(name, MeshYaml.Ports(field.Value))
            : throw field.Key.Error($"must be namespace/hostname, not '{field.Key.AsText()}'");

    private static string PolicyKey(YamlValue value) =>
        value.AsText() is { } key && key.Contains('/', StringComparison.Ordinal)
            ? key
            : throw value.Error($"must be namespace/name, not '{value.AsText()}'");

    private static ApplicationTunnel? Tunnel(YamlValue? value)
    {
        if (value is null)
        {
            return null;
        }

        YamlMap map = value.AsMap();
        ApplicationTunnel tunnel = new(
            map.Required("protocol")
                .AsOneOf(("NONE", ApplicationTunnelProtocol.None), ("PROXY", ApplicationTunnelProtocol.Proxy)),
            map.Optional("port")?.AsPort());
        map.RefuseOthers();
        return tunnel;
    }

    private static Locality Place(YamlValue? value)
    {
        if (value is null)
        {
            return Locality.None;
        }

        YamlMap map = value.AsMap();
        Locality locality = new(
            map.Required("region").AsText(), map.Required("zone").AsText(), map.Required("subzone").AsText());
        map.RefuseOthers();
        return locality;
    }
}
