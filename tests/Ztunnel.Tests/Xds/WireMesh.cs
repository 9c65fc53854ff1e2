using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Ztunnel.Linux;
using Ztunnel.Protos.Discovery;
using Ztunnel.Xds;
using Auth = Ztunnel.Protos.Authorizations;
using Wire = Ztunnel.Protos.Workloads;

namespace Ztunnel.Tests.Xds;

/// <summary>Resources as istiod sends them.</summary>
internal static class WireMesh
{
    public static ByteString Bytes(string address)
    {
        Span<byte> bytes = stackalloc byte[16];
        return ByteString.CopyFrom(bytes[..InetAddress.Parse(address).WriteTo(bytes)]);
    }

    public static Wire.GatewayAddress Gateway(string @namespace, string hostname, uint port) => new()
    {
        Hostname = new Wire.NamespacedHostname { Namespace = @namespace, Hostname = hostname },
        HboneMtlsPort = port,
    };

    public static Wire.GatewayAddress Gateway(string address, uint port) => new()
    {
        Address = new Wire.NetworkAddress { Network = "net1", Address = Bytes(address) },
        HboneMtlsPort = port,
    };

    /// <summary>No field has its default.</summary>
    public static Wire.Workload FullWorkload() => new()
    {
        Uid = "c1//Pod/shop/cart-0",
        Name = "cart-0",
        Namespace = "shop",
        Addresses = { Bytes("10.0.0.7"), Bytes("fd00::7") },
        Network = "net1",
        TunnelProtocol = Wire.TunnelProtocol.Hbone,
        TrustDomain = "example.org",
        ServiceAccount = "cart",
        Waypoint = Gateway("10.0.0.9", 15008),
        Node = "node-a",
        CanonicalName = "cart",
        CanonicalRevision = "v2",
        WorkloadType = Wire.WorkloadType.Pod,
        WorkloadName = "cart-deployment",
        NativeTunnel = true,
        AuthorizationPolicies = { "shop/one", "shop/two" },
        Status = Wire.WorkloadStatus.Unhealthy,
        ClusterId = "c1",
        NetworkGateway = Gateway("gateways", "east.example.org", 15010),
        Hostname = "cart.example.org",
        Services =
        {
            ["shop/cart.shop.svc.cluster.local"] = new Wire.PortList
            {
                Ports =
                {
                    new Wire.Port { ServicePort = 80, TargetPort = 8080, AppProtocol = Wire.AppProtocol.Http11 },
                    new Wire.Port { ServicePort = 443 },
                },
            },
        },
        ApplicationTunnel = new Wire.ApplicationTunnel
        {
            Protocol = Wire.ApplicationTunnel.Types.Protocol.Proxy,
            Port = 15088,
        },
        Locality = new Wire.Locality { Region = "eu", Zone = "eu-1", Subzone = "eu-1-a" },
        NetworkMode = Wire.NetworkMode.HostNetwork,
        Extensions = { new Wire.Extension { Name = "ignored" } },
        Capacity = 0,
    };

    /// <summary>No field has its default.</summary>
    public static Wire.Service FullService() => new()
    {
        Name = "cart",
        Namespace = "shop",
        Hostname = "cart.shop.svc.cluster.local",
        Addresses =
        {
            new Wire.NetworkAddress { Network = "net1", Address = Bytes("10.96.0.1") },
            new Wire.NetworkAddress { Network = "net1", Address = Bytes("10.96.0.2"), Length = 32 },
            new Wire.NetworkAddress { Network = "net1", Address = Bytes("10.97.0.0"), Length = 16 },
        },
        Ports = { new Wire.Port { ServicePort = 80, TargetPort = 8080 } },
        SubjectAltNames = { "spiffe://cluster.local/ns/shop/sa/cart", "cart.example.org" },
        Waypoint = Gateway("10.0.0.9", 15008),
        LoadBalancing = new Wire.LoadBalancing
        {
            RoutingPreference =
            {
                Wire.LoadBalancing.Types.Scope.Network, Wire.LoadBalancing.Types.Scope.Region,
                Wire.LoadBalancing.Types.Scope.Zone, Wire.LoadBalancing.Types.Scope.Subzone,
                Wire.LoadBalancing.Types.Scope.Node, Wire.LoadBalancing.Types.Scope.Cluster,
            },
            Mode = Wire.LoadBalancing.Types.Mode.Failover,
            HealthPolicy = Wire.LoadBalancing.Types.HealthPolicy.AllowAll,
        },
        IpFamilies = Wire.IPFamilies.Dual,
        Canonical = true,
        IngressUseWaypoint = true,
        WeightedWaypoints =
        {
            new Wire.WeightedWaypoint { Destination = Gateway("shop", "blue", 15008), Weight = 90 },
            new Wire.WeightedWaypoint { Destination = Gateway("shop", "green", 15008) },
        },
        Visibility = Wire.Service.Types.Visibility.Namespace,
    };

    /// <summary>Every list is set.</summary>
    public static Auth.Match FullMatch() => new()
    {
        Namespaces = { new Auth.StringMatch { Exact = "shop" } },
        NotNamespaces = { new Auth.StringMatch { Prefix = "pre" } },
        Principals = { new Auth.StringMatch { Suffix = "/sa/cart" } },
        NotPrincipals = { new Auth.StringMatch { Presence = new Empty() } },
        SourceIps = { new Auth.Address { Address_ = Bytes("10.0.0.0"), Length = 8 } },
        NotSourceIps = { new Auth.Address { Address_ = Bytes("10.1.0.0"), Length = 16 } },
        DestinationIps = { new Auth.Address { Address_ = Bytes("fd00::"), Length = 64 } },
        NotDestinationIps = { new Auth.Address { Address_ = Bytes("fd00::1"), Length = 128 } },
        DestinationPorts = { 80 },
        NotDestinationPorts = { 65_535 },
        ServiceAccounts = { new Auth.ServiceAccountMatch { Namespace = "shop", ServiceAccount = "web" } },
        NotServiceAccounts = { new Auth.ServiceAccountMatch { Namespace = "shop", ServiceAccount = "bad" } },
        Extensions = { new Wire.Extension { Name = "ignored" } },
    };

    public static Auth.Authorization Policy(params Auth.Match[] matches) => new()
    {
        Name = "deny",
        Namespace = "shop",
        Scope = Auth.Scope.WorkloadSelector,
        Action = Auth.Action.Deny,
        Rules = { new Auth.Rule { Clauses = { new Auth.Clause { Matches = { matches } } } } },
        DryRun = true,
    };

    public static Resource Pod(string name, string address, string version = "1") => ResourceOf(new Wire.Workload
    {
        Uid = $"c1//Pod/shop/{name}",
        Name = name,
        Namespace = "shop",
        Addresses = { Bytes(address) },
        Services = { ["shop/cart"] = new Wire.PortList { Ports = { new Wire.Port { ServicePort = 80 } } } },
    }, version);

    /// <summary>Some of the full one's fields, others changed, more of what there may be many of.</summary>
    public static Wire.Workload AnyWorkload(Random random)
    {
        Wire.Workload workload = FullWorkload();
        foreach (FieldDescriptor field in Wire.Workload.Descriptor.Fields.InFieldNumberOrder())
        {
            if (random.Next(4) == 0)
            {
                field.Accessor.Clear(workload);
            }
            else if (field is { FieldType: FieldType.String, IsRepeated: false } && random.Next(4) == 0)
            {
                field.Accessor.SetValue(workload, $"other-{random.Next(2)}");
            }
        }

        foreach (string service in (string[])["a/b", "a/b/c", "ab/c", "shop/a"])
        {
            if (random.Next(3) == 0)
            {
                workload.Services[service] = new Wire.PortList();
                for (int ports = random.Next(3); ports > 0; ports--)
                {
                    workload.Services[service].Ports.Add(new Wire.Port
                    {
                        ServicePort = (uint)random.Next(2),
                        TargetPort = (uint)random.Next(2),
                    });
                }
            }
        }

        if (random.Next(3) == 0)
        {
            workload.Locality = new Wire.Locality { Region = "eu", Zone = "eu-1", Subzone = $"{random.Next(2)}" };
            workload.Addresses.Add(Bytes($"10.0.0.{random.Next(2)}"));
            workload.AuthorizationPolicies.Add($"{random.Next(2)}");
        }

        return workload;
    }

    /// <summary>Fifteen thousand of these do not fit into a request of one megabyte.</summary>
    public static Wire.Workload LongNamed(int at) => new()
    {
        Uid = $"c1//Pod/shop/a-pod-with-quite-a-long-name-{at:d10}",
        ServiceAccount = $"account-{at}",
    };

    public static Resource ResourceOf(Wire.Workload workload, string version = "1") => new()
    {
        Name = workload.Uid,
        Version = version,
        Resource_ = AddressOf(new Wire.Address { Workload = workload }),
    };

    public static Resource ResourceOf(Wire.Service service, string version = "1") => new()
    {
        Name = $"{service.Namespace}/{service.Hostname}",
        Version = version,
        Resource_ = AddressOf(new Wire.Address { Service = service }),
    };

    public static Resource ResourceOf(Auth.Authorization policy) => new()
    {
        Name = $"{policy.Namespace}/{policy.Name}",
        Resource_ = new Any { TypeUrl = XdsTypes.Authorization, Value = policy.ToByteString() },
    };

    public static DeltaDiscoveryResponse Addresses(string nonce, params Resource[] resources) => new()
    {
        TypeUrl = XdsTypes.Address,
        Nonce = nonce,
        Resources = { resources },
    };

    public static DeltaDiscoveryResponse Policies(string nonce, params Resource[] resources) => new()
    {
        TypeUrl = XdsTypes.Authorization,
        Nonce = nonce,
        Resources = { resources },
    };

    private static Any AddressOf(Wire.Address address) =>
        new() { TypeUrl = XdsTypes.Address, Value = address.ToByteString() };
}
