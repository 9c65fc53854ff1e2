using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ztunnel.Certificates;
using Ztunnel.Config;
using Ztunnel.Hosting;
using Ztunnel.Identity;
using Ztunnel.Linux;
using Ztunnel.State;
using Ztunnel.Telemetry;
using Ztunnel.Tests.Config;
using Ztunnel.Tests.Telemetry;

namespace Ztunnel.Tests.Hosting;

/// <summary>
/// <c>/config_dump</c> field by field, as istioctl reads it: what is always there, what is left out when it says
/// nothing, and what is null or empty then.
/// </summary>
public sealed class ConfigDumpContractTests
{
    [Fact]
    public Task Workload_WithEverything() => AssertAsync(
        new MeshUpdate().Set(new Workload
        {
            Uid = "c1//Pod/shop/cart-0",
            Name = "cart-0",
            Namespace = "shop",
            Addresses = [V4("10.20.0.7"), V4("fd00::7")],
            Network = "net1",
            Protocol = TunnelProtocol.Hbone,
            TrustDomain = "td",
            ServiceAccount = "cart",
            Waypoint = new GatewayAddress(new NamespacedHostname("shop", "wp.shop.svc.cluster.local"), 15008),
            NetworkGateway = new GatewayAddress(new NetworkAddress("net1", V4("10.9.0.1")), 15009),
            Node = "node-a",
            CanonicalName = "cart",
            CanonicalRevision = "v1",
            WorkloadType = "pod",
            WorkloadName = "cart-wl",
            NativeTunnel = true,
            ApplicationTunnel = new ApplicationTunnel(ApplicationTunnelProtocol.Proxy, 9000),
            AuthorizationPolicies = ["shop/one", "shop/two"],
            Status = HealthStatus.Unhealthy,
            ClusterId = "c1",
            Hostname = "cart.example",
            Locality = new Locality("r", "z", "s"),
            Capacity = 7,
            Services = [new(new("shop", "cart.shop.svc.cluster.local"), PortMap.Of(new PortMapping(80, 8080)))],
        }),
        "workloads",
        """
        [{
          "applicationTunnel": {"port": 9000, "protocol": "PROXY"},
          "authorizationPolicies": ["shop/one", "shop/two"],
          "canonicalName": "cart", "canonicalRevision": "v1", "capacity": 7, "clusterId": "c1",
          "hostname": "cart.example", "locality": {"region": "r", "subzone": "s", "zone": "z"},
          "name": "cart-0", "namespace": "shop", "nativeTunnel": true, "network": "net1",
          "networkGateway": {"destination": "net1/10.9.0.1", "hboneMtlsPort": 15009},
          "networkMode": "Standard", "node": "node-a", "protocol": "HBONE", "serviceAccount": "cart",
          "services": ["shop/cart.shop.svc.cluster.local"], "status": "Unhealthy", "trustDomain": "td",
          "uid": "c1//Pod/shop/cart-0",
          "waypoint": {"destination": "shop/wp.shop.svc.cluster.local", "hboneMtlsPort": 15008},
          "workloadIps": ["10.20.0.7", "fd00::7"], "workloadName": "cart-wl", "workloadType": "pod"
        }]
        """);

    [Fact]
    public Task Workload_WithNothing_HasOnlyWhatIsAlwaysThere() => AssertAsync(
        new MeshUpdate().Set(new Workload { Uid = "u", NetworkMode = NetworkMode.HostNetwork, Capacity = 0 }),
        "workloads",
        """
        [{
          "capacity": 0, "clusterId": "", "name": "", "namespace": "", "networkMode": "HostNetwork",
          "protocol": "TCP", "status": "Healthy", "uid": "u", "workloadIps": []
        }]
        """);

    [Fact]
    public Task Workload_ApplicationTunnelWithoutAPort_HasANullPort() => AssertAsync(
        new MeshUpdate().Set(new Workload
        {
            Uid = "u",
            ApplicationTunnel = new ApplicationTunnel(ApplicationTunnelProtocol.None, null),
        }),
        "workloads",
        """
        [{
          "applicationTunnel": {"port": null, "protocol": "NONE"},
          "capacity": 1, "clusterId": "", "name": "", "namespace": "", "networkMode": "Standard",
          "protocol": "TCP", "status": "Healthy", "uid": "u", "workloadIps": []
        }]
        """);

    [Fact]
    public Task Service_WithEverything() => AssertAsync(
        new MeshUpdate()
            .Set(new Workload
            {
                Uid = "u",
                Services = [new(new("shop", "cart.shop.svc"), PortMap.Of(new PortMapping(80, 8080)))],
            })
            .Set(new Service
            {
                Name = "cart",
                Namespace = "shop",
                Hostname = "cart.shop.svc",
                Vips = [new NetworkAddress("", V4("10.96.4.1")), new NetworkAddress("net1", V4("fd96::1"))],
                CidrVips = [new NetworkCidr("net1", new Cidr(V4("10.97.0.0"), 16))],
                Ports = PortMap.Of(new PortMapping(80, 8080), new PortMapping(81, 0)),
                SubjectAltNames = ["spiffe://td/ns/n/sa/s", "not-spiffe"],
                Waypoint = new GatewayAddress(new NetworkAddress("", V4("10.96.9.9")), 15008),
                WeightedWaypoints = [new(new(new NamespacedHostname("shop", "wp.shop.svc"), 15008), 3)],
                LoadBalancer = new LoadBalancer
                {
                    Mode = LoadBalancerMode.Failover,
                    HealthPolicy = HealthPolicy.AllowAll,
                    RoutingPreferences =
                    [
                        RoutingScope.Network, RoutingScope.Region, RoutingScope.Zone, RoutingScope.Subzone,
                        RoutingScope.Node, RoutingScope.Cluster,
                    ],
                },
                IpFamilies = IpFamilies.Dual,
                Canonical = true,
                Visibility = ServiceVisibility.Namespace,
            }),
        "services",
        """
        [{
          "canonical": true, "cidrVips": [{"cidr": "10.97.0.0/16", "network": "net1"}],
          "endpoints": {"u": {"port": {"80": 8080}, "status": "Healthy", "workloadUid": "u"}},
          "hostname": "cart.shop.svc", "ipFamilies": "Dual",
          "loadBalancer": {
            "healthPolicy": "AllowAll", "mode": "Failover",
            "routingPreferences": ["Network", "Region", "Zone", "Subzone", "Node", "Cluster"]
          },
          "name": "cart", "namespace": "shop", "ports": {"80": 8080, "81": 0},
          "subjectAltNames": ["spiffe://td/ns/n/sa/s", "not-spiffe"],
          "vips": ["/10.96.4.1", "net1/fd96::1"], "visibility": "Namespace",
          "waypoint": {"destination": "/10.96.9.9", "hboneMtlsPort": 15008},
          "weightedWaypoints": [
            {"destination": {"destination": "shop/wp.shop.svc", "hboneMtlsPort": 15008}, "weight": 3}
          ]
        }]
        """);

    [Fact]
    public Task Service_WithNothing_HasEmptyLists() => AssertAsync(
        new MeshUpdate().Set(new Service { Name = "", Namespace = "", Hostname = "h" }),
        "services",
        """
        [{
          "canonical": false, "endpoints": {}, "hostname": "h", "name": "", "namespace": "", "ports": {},
          "subjectAltNames": [], "vips": [], "visibility": "Public"
        }]
        """);

    [Theory]
    [InlineData((int)LoadBalancerMode.Standard, "Standard")]
    [InlineData((int)LoadBalancerMode.Strict, "Strict")]
    [InlineData((int)LoadBalancerMode.Failover, "Failover")]
    [InlineData((int)LoadBalancerMode.Passthrough, "Passthrough")]
    public async Task LoadBalancer_EveryMode_HasItsName(int mode, string name)
    {
        JsonNode services = await SectionAsync(
            new MeshUpdate().Set(new Service
            {
                Name = "s",
                Namespace = "n",
                Hostname = "h",
                LoadBalancer = new() { Mode = (LoadBalancerMode)mode },
            }),
            "services");

        Assert.Equal(
            $$"""{"healthPolicy":"OnlyHealthy","mode":"{{name}}","routingPreferences":[]}""",
            services[0]!["loadBalancer"]!.ToJsonString());
    }

    [Theory]
    [InlineData((int)IpFamilies.IPv4, "IPv4")]
    [InlineData((int)IpFamilies.IPv6, "IPv6")]
    [InlineData((int)IpFamilies.Dual, "Dual")]
    public async Task IpFamilies_IsAString(int families, string name)
    {
        JsonNode services = await SectionAsync(
            new MeshUpdate().Set(new Service
            {
                Name = "s",
                Namespace = "n",
                Hostname = "h",
                IpFamilies = (IpFamilies)families,
            }),
            "services");

        Assert.Equal(name, services[0]!["ipFamilies"]!.GetValue<string>());
    }

    [Fact]
    public Task Services_AreInOrderOfHostname() => AssertNamesAsync(
        new MeshUpdate()
            .Set(new Service { Name = "s", Namespace = "n", Hostname = "b" })
            .Set(new Service { Name = "s", Namespace = "n", Hostname = "a" }),
        "services",
        "hostname",
        ["a", "b"]);

    [Fact]
    public Task Workloads_AreInOrderOfUid() => AssertNamesAsync(
        new MeshUpdate().Set(new Workload { Uid = "b" }).Set(new Workload { Uid = "a" }), "workloads", "uid", ["a", "b"]);

    [Fact]
    public Task StagedServices_AreByNameAndUid() => AssertAsync(
        new MeshUpdate().Set(new Workload
        {
            Uid = "u",
            Status = HealthStatus.Unhealthy,
            Services = [new(new("shop", "late.svc"), PortMap.Of(new PortMapping(80, 8080)))],
        }),
        "stagedServices",
        """{"shop/late.svc": {"u": {"port": {"80": 8080}, "status": "Unhealthy", "workloadUid": "u"}}}""");

    [Fact]
    public Task StagedServices_WithoutAny_IsAnEmptyObject() => AssertAsync(new MeshUpdate(), "stagedServices", "{}");

    [Fact]
    public Task Policy_WithEveryKindOfMatch() => AssertAsync(
        new MeshUpdate().Set(new Authorization
        {
            Name = "only-web",
            Namespace = "shop",
            Scope = PolicyScope.Namespace,
            Action = PolicyAction.Allow,
            IsDryRun = true,
            Rules = [new([new([EveryMatch()]), new([])]), new([])],
        }),
        "policies",
        """
        [{
          "action": "Allow", "dryRun": true, "name": "only-web", "namespace": "shop",
          "rules": [
            [
              [{
                "destinationIps": ["10.0.0.0/8"], "destinationPorts": [8080],
                "namespaces": [{"Exact": "a"}, {"Prefix": "b"}, {"Suffix": "c"}, {"Presence": []}],
                "notDestinationIps": ["1.2.3.4/32"], "notDestinationPorts": [1, 2],
                "notNamespaces": [{"Exact": "d"}], "notPrincipals": [{"Presence": []}],
                "notServiceAccounts": [{"namespace": "n", "serviceAccount": "x"}],
                "notSourceIps": ["fd00::/8"], "principals": [{"Exact": "td/ns/n/sa/s"}],
                "serviceAccounts": [{"namespace": "n", "serviceAccount": "s"}], "sourceIps": ["10.1.0.0/16"]
              }],
              []
            ],
            []
          ],
          "scope": "Namespace"
        }]
        """);

    [Theory]
    [InlineData((int)PolicyScope.Global, "Global")]
    [InlineData((int)PolicyScope.Namespace, "Namespace")]
    [InlineData((int)PolicyScope.WorkloadSelector, "WorkloadSelector")]
    public Task Policy_WithNothing_HasNoRules(int scope, string name) => AssertAsync(
        new MeshUpdate().Set(new Authorization
        {
            Name = "n",
            Namespace = "ns",
            Scope = (PolicyScope)scope,
            Action = PolicyAction.Deny,
            Rules = [],
        }),
        "policies",
        $$"""
        [{"action": "Deny", "dryRun": false, "name": "n", "namespace": "ns", "rules": [], "scope": "{{name}}"}]
        """);

    [Fact]
    public async Task Certificate_Available_HasChainAndRoots()
    {
        SpiffeId id = new("cluster.local", "shop", "cart");

        JsonNode dump = await DumpAsync(async node => await node.Certificates.GetAsync(
            id, CertificatePriority.RealTime, CancellationToken.None));

        JsonObject entry = Assert.Single(dump["certificates"]!.AsArray())!.AsObject();
        Assert.Equal(["certChain", "identity", "rootCerts", "state"], entry.Select(static field => field.Key));
        Assert.Equal(id.ToString(), entry["identity"]!.GetValue<string>());
        Assert.Equal("Available", entry["state"]!.GetValue<string>());
        foreach (JsonNode? certificate in entry["certChain"]!.AsArray().Concat(entry["rootCerts"]!.AsArray()))
        {
            Assert.Equal(
                ["expirationTime", "pem", "serialNumber", "validFrom"],
                certificate!.AsObject().Select(static field => field.Key));
            string pem = Encoding.ASCII.GetString(Convert.FromBase64String(certificate["pem"]!.GetValue<string>()));
            Assert.StartsWith("-----BEGIN CERTIFICATE-----\n", pem, StringComparison.Ordinal);
            Assert.Matches("^[0-9]+$", certificate["serialNumber"]!.GetValue<string>());
            Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", certificate["validFrom"]!.GetValue<string>());
            Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", certificate["expirationTime"]!.GetValue<string>());
        }
    }

    [Fact]
    public async Task Dump_OfNothing_HasEveryListEmpty()
    {
        JsonNode dump = await DumpAsync(static _ => Task.CompletedTask);

        foreach (string list in (string[])["certificates", "policies", "services", "workloads"])
        {
            Assert.Equal("[]", dump[list]!.ToJsonString());
        }

        Assert.Equal("""{"policies":[],"services":[],"workloads":[]}""", dump["staticConfig"]!.ToJsonString());
        Assert.Equal("{}", dump["workloadState"]!.ToJsonString());
        Assert.Equal(
            [
                "buildProfile", "buildStatus", "cryptoProvider", "gitRevision", "istioVersion", "rustVersion", "version",
            ],
            dump["version"]!.AsObject().Select(static field => field.Key).Order(StringComparer.Ordinal));
    }

    private static AuthorizationMatch EveryMatch() => new()
    {
        Namespaces = new([StringMatch.Exact("a"), StringMatch.Prefix("b"), StringMatch.Suffix("c"), StringMatch.Presence]),
        NotNamespaces = new([StringMatch.Exact("d")]),
        Principals = new([StringMatch.Exact("td/ns/n/sa/s")]),
        NotPrincipals = new([StringMatch.Presence]),
        SourceIps = [new Cidr(V4("10.1.0.0"), 16)],
        NotSourceIps = [new Cidr(V4("fd00::"), 8)],
        DestinationIps = [new Cidr(V4("10.0.0.0"), 8)],
        NotDestinationIps = [new Cidr(V4("1.2.3.4"), 32)],
        DestinationPorts = [8080],
        NotDestinationPorts = [1, 2],
        ServiceAccounts = [new ServiceAccountMatch("n", "s")],
        NotServiceAccounts = [new ServiceAccountMatch("n", "x")],
    };

    private static InetAddress V4(string text) =>
        InetAddress.From(System.Net.IPAddress.Parse(text));

    private static async Task AssertAsync(MeshUpdate update, string section, string expected)
    {
        JsonNode actual = await SectionAsync(update, section);

        Assert.Equal(JsonNode.Parse(expected)!.ToJsonString(), actual.ToJsonString()); // order of keys too
    }

    private static async Task AssertNamesAsync(MeshUpdate update, string section, string key, string[] expected)
    {
        JsonNode actual = await SectionAsync(update, section);

        Assert.Equal(expected, actual.AsArray().Select(each => each![key]!.GetValue<string>()));
    }

    private static async Task<JsonNode> SectionAsync(MeshUpdate update, string section)
    {
        JsonNode dump = await DumpAsync(node =>
        {
            node.Mesh.Apply(update);
            return Task.CompletedTask;
        });
        return dump[section]!;
    }

    private static async Task<JsonNode> DumpAsync(Func<NodeProxy, Task> prepare)
    {
        ProxyConfig config = Env.Read(
            ("FAKE_CA", "true"), ("ZTUNNEL_ALLOW_FAKE_CA", "true"), ("XDS_ADDRESS", ""));
        using LogCapture log = new();
        await using NodeProxy node = new(config, log.Factory, TimeProvider.System);
        await prepare(node);
        using MemoryStream output = new();
        await NodeDump.Of(node, BuildInfo.Of("1.2", "test")).WriteAsync(output, CancellationToken.None);
        return JsonNode.Parse(output.ToArray())!;
    }
}
