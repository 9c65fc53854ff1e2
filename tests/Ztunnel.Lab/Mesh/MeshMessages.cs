using System.Globalization;
using System.Net;
using Google.Protobuf;
using Ztunnel.Protos.Workloads;

namespace Ztunnel.Lab;

/// <summary>Workloads and services of the mesh document as the messages istiod sends for them.</summary>
internal static class MeshMessages
{
    public static Workload Workload(Fields fields)
    {
        Workload workload = new()
        {
            Uid = fields.Text("uid"),
            Name = fields.Text("name"),
            Namespace = fields.Text("namespace"),
            ServiceAccount = fields.Text("serviceAccount"),
            Network = fields.Text("network"),
            Node = fields.Text("node"),
            TrustDomain = fields.Text("trustDomain"),
            ClusterId = fields.Text("clusterId"),
            Hostname = fields.Text("hostname"),
            CanonicalName = fields.Text("canonicalName"),
            CanonicalRevision = fields.Text("canonicalRevision"),
            WorkloadName = fields.Text("workloadName"),
            WorkloadType = Enum<WorkloadType>(fields.Text("workloadType", "deployment")),
            TunnelProtocol = fields.Text("protocol") == "HBONE" ? TunnelProtocol.Hbone : TunnelProtocol.None,
            NetworkMode = fields.Text("networkMode") == "HostNetwork" ? NetworkMode.HostNetwork : NetworkMode.Standard,
            Status = Enum<WorkloadStatus>(fields.Text("status", "Healthy")),
            NativeTunnel = fields.Flag("nativeTunnel"),
            Waypoint = Gateway(fields.Map("waypoint")),
            NetworkGateway = Gateway(fields.Map("networkGateway")),
            Capacity = (uint?)fields.Number("capacity"),
        };
        workload.Addresses.AddRange(fields.Texts("workloadIps").Select(Bytes));
        workload.AuthorizationPolicies.AddRange(fields.Texts("authorizationPolicies"));
        AddRest(workload, fields);
        fields.AssertRead($"workload {workload.Name}");
        return workload;
    }

    public static Service Service(Fields fields)
    {
        Service service = new()
        {
            Name = fields.Text("name"),
            Namespace = fields.Text("namespace"),
            Hostname = fields.Text("hostname"),
            Waypoint = Gateway(fields.Map("waypoint")),
            Canonical = fields.Flag("canonical"),
            Visibility = Enum<Service.Types.Visibility>(fields.Text("visibility", "Public")),
            LoadBalancing = Balancing(fields.Map("loadBalancer")),
            IpFamilies = fields.Text("ipFamilies") switch
            {
                "IPv4" => IPFamilies.Ipv4Only,
                "IPv6" => IPFamilies.Ipv6Only,
                "Dual" => IPFamilies.Dual,
                _ => IPFamilies.Automatic,
            },
        };
        service.Addresses.AddRange(fields.Texts("vips").Select(NetworkAddress));
        service.Addresses.AddRange(Maps(fields.List("cidrVips")).Select(
            range => NetworkAddress($"{range.Text("network")}/{range.Text("cidr")}")));
        service.WeightedWaypoints.AddRange(Maps(fields.List("weightedWaypoints")).Select(
            each => new WeightedWaypoint
            {
                Destination = Gateway(each.Map("destination")),
                Weight = (uint)(each.Number("weight") ?? 0),
            }));
        service.Ports.AddRange(Ports(fields.Ports("ports")));
        service.SubjectAltNames.AddRange(fields.Texts("subjectAltNames"));
        fields.AssertRead($"service {service.Name}");
        return service;
    }

    /// <summary>As the wire has addresses.</summary>
    public static ByteString Bytes(string address) => ByteString.CopyFrom(IPAddress.Parse(address).GetAddressBytes());

    /// <summary>Items of a list that are maps.</summary>
    public static IEnumerable<Fields> Maps(IEnumerable<object> items) =>
        items.Select(item => new Fields((IEnumerable<KeyValuePair<string, object?>>)item));

    private static void AddRest(Workload workload, Fields fields)
    {
        if (fields.Map("services") is { } services)
        {
            foreach (string name in services.Names())
            {
                workload.Services[name] = new PortList { Ports = { Ports(services.Ports(name)) } };
            }
        }

        if (fields.Map("locality") is { } locality)
        {
            workload.Locality = new Locality
            {
                Region = locality.Text("region"),
                Zone = locality.Text("zone"),
                Subzone = locality.Text("subzone"),
            };
        }

        if (fields.Map("applicationTunnel") is { } tunnel)
        {
            workload.ApplicationTunnel = new ApplicationTunnel
            {
                Protocol = Enum<ApplicationTunnel.Types.Protocol>(tunnel.Text("protocol")),
                Port = (uint)(tunnel.Number("port") ?? 0),
            };
        }
    }

    private static IEnumerable<Port> Ports(IEnumerable<KeyValuePair<int, int>> ports) =>
        ports.Select(port => new Port { ServicePort = (uint)port.Key, TargetPort = (uint)port.Value });

    private static LoadBalancing? Balancing(Fields? fields)
    {
        if (fields is null)
        {
            return null;
        }

        string mode = fields.Text("mode", "Standard");
        LoadBalancing balancing = new()
        {
            Mode = mode == "Standard"
                ? LoadBalancing.Types.Mode.UnspecifiedMode
                : Enum<LoadBalancing.Types.Mode>(mode),
            HealthPolicy = Enum<LoadBalancing.Types.HealthPolicy>(fields.Text("healthPolicy", "OnlyHealthy")),
        };
        balancing.RoutingPreference.AddRange(
            fields.Texts("routingPreferences").Select(Enum<LoadBalancing.Types.Scope>));
        return balancing;
    }

    private static GatewayAddress? Gateway(Fields? fields)
    {
        if (fields is null)
        {
            return null;
        }

        string destination = fields.Text("destination");
        GatewayAddress gateway = new() { HboneMtlsPort = (uint)(fields.Number("hboneMtlsPort") ?? 0) };
        string[] parts = destination.Split('/', 2);
        if (IPAddress.TryParse(parts[1], out _))
        {
            gateway.Address = NetworkAddress(destination);
        }
        else
        {
            gateway.Hostname = new NamespacedHostname { Namespace = parts[0], Hostname = parts[1] };
        }

        return gateway;
    }

    private static NetworkAddress NetworkAddress(string text)
    {
        string[] parts = text.Split('/');
        NetworkAddress address = new() { Network = parts[0], Address = Bytes(parts[1]) };
        if (parts.Length > 2)
        {
            address.Length = uint.Parse(parts[2], CultureInfo.InvariantCulture);
        }

        return address;
    }

    private static T Enum<T>(string name)
        where T : struct, System.Enum => System.Enum.Parse<T>(name, ignoreCase: true);
}
