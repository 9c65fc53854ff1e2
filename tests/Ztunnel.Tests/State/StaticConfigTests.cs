using System.Text;
using System.Text.Json;
using Ztunnel.Config;
using Ztunnel.State;
using static Ztunnel.Tests.State.TestMesh;

namespace Ztunnel.Tests.State;

public sealed class StaticConfigTests
{
    private const string Example = """
        workloads:
          - uid: c1//Pod/shop/cart-0
            name: cart-0
            namespace: shop
            serviceAccount: cart
            trustDomain: cluster.local
            workloadIps: ["10.20.0.7", "fd00::7"]
            node: node-a
            protocol: HBONE
            capacity: 3
            nativeTunnel: true
            locality: { region: r, zone: z, subzone: s }
            applicationTunnel: { protocol: PROXY, port: 15088 }
            authorizationPolicies: ["shop/only-web"]
            waypoint: { destination: shop/wp.svc, hboneMtlsPort: 15008 }
            networkGateway: { destination: far/10.9.9.9, hboneMtlsPort: 15009 }
            services:
              "shop/cart.shop.svc.cluster.local": { 80: 8080, "81": 8081 }
          - { uid: host, namespace: shop, workloadIps: [], networkMode: HostNetwork, status: Unhealthy, services: {} }
        services:
          - name: cart
            namespace: shop
            hostname: cart.shop.svc.cluster.local
            vips: ["/10.96.4.1", "far/10.96.4.1"]
            ports: { 80: 8080 }
            canonical: true
            cidrVips: [{ network: "", cidr: 10.97.0.0/16 }]
            endpoints: { ext: { workloadUid: ext, port: { 80: 1 }, status: Healthy } }
            subjectAltNames: ["spiffe://td/ns/a/sa/b"]
            weightedWaypoints: [{ destination: { destination: /10.0.0.9, hboneMtlsPort: 15008 }, weight: 3 }]
            loadBalancer: { routingPreferences: [Network, Region, Zone, Subzone, Node, Cluster], mode: Failover, healthPolicy: AllowAll }
            ipFamilies: IPv4
            visibility: Namespace
        policies:
          - name: only-web
            namespace: shop
            scope: WorkloadSelector
            action: Deny
            dryRun: true
            rules: [[[{ serviceAccounts: [{ namespace: shop, serviceAccount: web }], notDestinationPorts: [80] }]]]
          - name: texts
            namespace: shop
            scope: Global
            action: Allow
            rules:
              - - - principals: [!Exact a/ns/b/sa/c, !Prefix "1", !Suffix x, !Presence , {Exact: y}, {Presence: []}]
                    sourceIps: [10.0.0.0/8, "fd00::/8"]
        """;

    [Fact]
    public void Parse_Example_FillsEveryField()
    {
        StaticConfig config = StaticConfig.Parse(Example, "test");

        Workload cart = config.Workloads[0];
        Assert.Equal("spiffe://cluster.local/ns/shop/sa/cart", cart.Identity.ToString());
        Assert.Equal([Ip("10.20.0.7"), Ip("fd00::7")], cart.Addresses);
        Assert.Equal((TunnelProtocol.Hbone, 3u, true), (cart.Protocol, cart.Capacity, cart.NativeTunnel));
        Assert.Equal(new Locality("r", "z", "s"), cart.Locality);
        Assert.Equal(new ApplicationTunnel(ApplicationTunnelProtocol.Proxy, 15088), cart.ApplicationTunnel);
        Assert.Equal(Gateway("shop/wp.svc"), cart.Waypoint);
        Assert.Equal(Gateway("far/10.9.9.9", 15009), cart.NetworkGateway);
        Assert.Equal(["shop/only-web"], cart.AuthorizationPolicies);
        Assert.Equal(2, cart.PortsOf(Name("shop/cart.shop.svc.cluster.local"))!.Mappings.Length);
        Assert.Equal((NetworkMode.HostNetwork, HealthStatus.Unhealthy), (config.Workloads[1].NetworkMode, config.Workloads[1].Status));

        Service service = config.Services[0];
        Assert.Equal([Address("/10.96.4.1"), Address("far/10.96.4.1")], service.Vips);
        Assert.Equal(16, service.CidrVips[0].Cidr.PrefixLength);
        Assert.Equal((LoadBalancerMode.Failover, HealthPolicy.AllowAll), (service.LoadBalancer!.Mode, service.LoadBalancer.HealthPolicy));
        Assert.Equal(6, service.LoadBalancer.RoutingPreferences.Length);
        Assert.Equal((IpFamilies.IPv4, ServiceVisibility.Namespace, true), (service.IpFamilies, service.Visibility, service.Canonical));
        Assert.Equal(3u, service.WeightedWaypoints[0].Weight);
        Assert.Equal("ext", service.DeclaredEndpoints[0].WorkloadUid);
        Assert.Single(service.SubjectIdentities);

        Assert.Equal((PolicyScope.WorkloadSelector, PolicyAction.Deny, true), (config.Policies[0].Scope, config.Policies[0].Action, config.Policies[0].IsDryRun));
        AuthorizationMatch match = config.Policies[1].Rules[0].Clauses[0].Matches[0];
        Assert.Equal(
            [StringMatch.Exact("a/ns/b/sa/c"), StringMatch.Prefix("1"), StringMatch.Suffix("x"), StringMatch.Presence, StringMatch.Exact("y"), StringMatch.Presence],
            match.Principals.Matches.ToArray());
        Assert.Equal(2, match.SourceIps.Length);
    }

    [Fact]
    public void Dump_ReadAgainAsJson_IsTheSame()
    {
        StaticConfig config = StaticConfig.Parse(Example, "test");
        string first = Dump(config);

        // Of a workload's services the dump shows the names only: they are put back as maps.
        string json = first.Replace(
            "\"services\":[\"shop/cart.shop.svc.cluster.local\"]",
            "\"services\":{\"shop/cart.shop.svc.cluster.local\":{\"80\":8080,\"81\":8081}}", StringComparison.Ordinal)
            .Replace("\"protocol\":\"TCP\",", "\"protocol\":\"TCP\",\"services\":{},", StringComparison.Ordinal);
        string second = Dump(StaticConfig.Parse(json, "test"));

        Assert.Equal(first, second);
        Assert.Contains("\"destination\":\"far/10.9.9.9\",\"hboneMtlsPort\":15009", first, StringComparison.Ordinal);
        Assert.Contains("\"capacity\":1,\"clusterId\":\"\",\"name\":\"\",\"namespace\":\"shop\",\"networkMode\":\"HostNetwork\"", first, StringComparison.Ordinal);
        Assert.Contains("{\"Presence\":[]}", first, StringComparison.Ordinal);
        Assert.Contains("\"applicationTunnel\":{\"port\":15088,\"protocol\":\"PROXY\"}", first, StringComparison.Ordinal);
    }

    [Fact]
    public void ToUpdate_Applied_KnowsEndpointsAndStagesTheRest()
    {
        var state = new MeshState("node-a");
        state.Apply(StaticConfig.Parse(Example, "test").ToUpdate(StaticConfig.Empty, state.Current));

        MeshSnapshot mesh = state.Current;
        Service service = mesh.FindService(Address("/10.96.4.1"), "shop")!;
        Assert.Equal(2, mesh.EndpointsOf(service).Count);
        Assert.Equal(service, mesh.FindService(Address("/10.97.1.1"), "shop"));
        Assert.Equal(2, mesh.Policies.Count);
        Assert.Single(mesh.Policies.Global.ToArray());
        state.Apply(new MeshUpdate().RemoveService(service.Key));
        Assert.Equal(
            """{"shop/cart.shop.svc.cluster.local":{"c1//Pod/shop/cart-0":{"port":{"80":8080,"81":8081},"status":"Healthy","workloadUid":"c1//Pod/shop/cart-0"}}}""",
            Json(json => ServiceJson.WriteStaged(json, state.Current.Services)));
    }

    [Theory]
    [InlineData("workloads:\n- namespace: a\n  workloadIps: [10.0.0]\n  services: {}", "test:3:17: workloads[0].workloadIps[0]: not an IP address: '10.0.0'")]
    [InlineData("workloads:\n- namespace: a\n  services: {}", "test:2:3: workloads[0]: field 'workloadIps' is missing")]
    [InlineData("workloads:\n- namespace: 7\n  workloadIps: []\n  services: {}", "test:2:14: workloads[0].namespace: must be a string, not 7: put it in quotes")]
    [InlineData("workloads:\n- namespace: a\n  workloadIps: []\n  services: {}\n  prot: x", "test:5:3: workloads[0]: unknown field 'prot' (known:")]
    [InlineData("workloads:\n- namespace: a\n  workloadIps: []\n  services: {x: {}}", "test:4:14: workloads[0].services: must be namespace/hostname, not 'x'")]
    [InlineData("workloads:\n- namespace: a\n  workloadIps: []\n  services: {a/x: {x: 1}}", "test:4:20: workloads[0].services.a/x: not a port: 'x'")]
    [InlineData("workloads:\n- namespace: a\n  workloadIps: []\n  services: {a/x: {80: 65536}}", "workloads[0].services.a/x.80: must be a whole number from 0 to 65535, not 65536")]
    [InlineData("workloads:\n- namespace: a\n  workloadIps: []\n  services: {}\n  protocol: hbone", "workloads[0].protocol: must be one of TCP, HBONE, not 'hbone'")]
    [InlineData("workloads:\n- namespace: a\n  workloadIps: []\n  services: {}\n  waypoint: {destination: x, hboneMtlsPort: 1}", "workloads[0].waypoint.destination: must be network/IP or namespace/hostname, not 'x'")]
    [InlineData("workloads:\n- namespace: a\n  workloadIps: []\n  services: {}\n  nativeTunnel: yes", "workloads[0].nativeTunnel: must be true or false, not 'yes'")]
    [InlineData("workloads:\n- namespace: a\n  workloadIps: []\n  services: {}\n  authorizationPolicies: [x]", "must be namespace/name, not 'x'")]
    [InlineData("workloads:\n- &a {uid: u, namespace: a, workloadIps: [], services: {}}\n- *a", "workloads[1]: 'u' stands twice")]
    [InlineData("workloads: 7", "test:1:12: workloads: must be a list, not 7")]
    [InlineData("workloads: [x]", "workloads[0]: must be a map, not 'x'")]
    [InlineData("stuff: []", "test:1:1: unknown field 'stuff' (known: policies, services, workloads)")]
    [InlineData("services: [{name: a, namespace: b, hostname: c, ports: {}, vips: [1.2.3.4]}]", "services[0].vips[0]: must be network/IP")]
    [InlineData("services: [{name: a, namespace: b, hostname: c, ports: {}, vips: [], cidrVips: [{network: '', cidr: 10.0.0.0}]}]", "services[0].cidrVips[0].cidr: not an address range")]
    [InlineData("policies: [{name: a, namespace: b, scope: Global, action: Allow, rules: [[[{principals: [x]}]]]}]", "policies[0].rules[0][0][0].principals[0]: must be one of !Exact")]
    [InlineData("policies: [{name: a, namespace: b, scope: Global, action: Allow, rules: [[[{principals: [!Regex x]}]]]}]", "must be one of Exact, Prefix, Suffix, Presence, not 'Regex'")]
    [InlineData("policies: [{name: a, namespace: b, scope: Global, action: Audit, rules: []}]", "policies[0].action: must be one of Allow, Deny, not 'Audit'")]
    [InlineData("workloads: [", "test:")]
    [InlineData("a: 1\na: 2", "test:2:1: ")]
    [InlineData("---\na: 1\n---\nb: 2", "test: more than one document")]
    [InlineData("*unknown", "test:1:1: ")]
    public void Parse_Bad_NamesLineColumnAndField(string text, string expected)
    {
        ConfigException thrown = Assert.Throws<ConfigException>(() => StaticConfig.Parse(text, "test"));

        Assert.Contains(expected, thrown.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', thrown.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("workloads:\nservices: ~\n")]
    public void Parse_NothingInIt_IsEmpty(string text)
    {
        StaticConfig config = StaticConfig.Parse(text, "test");

        Assert.Equal(0, config.Workloads.Length + config.Services.Length + config.Policies.Length);
    }

    [Fact]
    public void Parse_JsonWithTabs_IsRead()
    {
        const string json = "{\n\t\"services\": [\n\t\t{\"name\": \"a\", \"namespace\": \"b\",\n\t\t\"hostname\": \"c\", \"vips\": [], \"ports\": {\"80\": 8080}}\n\t]\n}\n";

        Assert.True(Assert.Single(StaticConfig.Parse(json, "test").Services).Ports.TryGetTarget(80, out ushort target));
        Assert.Equal(8080, target);
    }

    [Fact]
    public void Parse_NestedWithoutEnd_IsRefused()
    {
        Assert.Throws<ConfigException>(() => StaticConfig.Parse(new string('[', 100_000), "test"));
        Assert.Throws<ConfigException>(() => StaticConfig.Parse("a:\n-" + string.Concat(Enumerable.Repeat(" -", 5000)), "test"));
    }

    [Fact]
    public void Parse_EveryCutAndRandomChanges_OnlyEverThrowsConfigException()
    {
        for (int cut = 0; cut < Example.Length; cut += 3)
        {
            ParseOrRefuse(Example[..cut]);
        }

        var random = new Random(11);
        for (int i = 0; i < 400; i++)
        {
            char[] text = Example.ToCharArray();
            for (int change = 0; change < 4; change++)
            {
                text[random.Next(text.Length)] = "{}[]:,!&*|>'\"#%@\t\n -0a\0\u2028"[random.Next(24)];
            }

            ParseOrRefuse(new string(text));
        }
    }

    [Fact]
    public void Load_FromVariables_NamesThem()
    {
        Assert.Null(StaticConfig.Load(new ControlPlaneOptions()));
        Assert.Empty(StaticConfig.Load(new ControlPlaneOptions { LocalConfigText = "{}" })!.Workloads);
        string path = Path.GetTempFileName();
        File.WriteAllText(path, "nonsense: 1");
        ConfigException bad = Assert.Throws<ConfigException>(() => StaticConfig.Load(new ControlPlaneOptions { LocalConfigPath = path }));
        Assert.StartsWith($"LOCAL_XDS_PATH={path}:1:1: unknown field 'nonsense'", bad.Message, StringComparison.Ordinal);
        File.Delete(path);
        ConfigException missing = Assert.Throws<ConfigException>(() => StaticConfig.Load(new ControlPlaneOptions { LocalConfigPath = path }));
        Assert.StartsWith($"invalid env var LOCAL_XDS_PATH={path} (", missing.Message, StringComparison.Ordinal);
    }

    private static void ParseOrRefuse(string text)
    {
        try
        {
            StaticConfig.Parse(text, "test");
        }
        catch (ConfigException refusal)
        {
            Assert.StartsWith("test", refusal.Message, StringComparison.Ordinal);
        }
    }

    private static string Dump(StaticConfig config) => Json(json =>
    {
        json.WriteStartObject();
        json.WritePropertyName("policies");
        PolicyJson.WriteAll(json, config.Policies.Select(policy => KeyValuePair.Create(policy.Key, policy)));
        json.WritePropertyName("services");
        ServiceJson.WriteDeclared(json, config.Services);
        json.WritePropertyName("workloads");
        WorkloadJson.WriteAll(json, config.Workloads);
        json.WriteEndObject();
    });

    private static string Json(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            write(json);
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
