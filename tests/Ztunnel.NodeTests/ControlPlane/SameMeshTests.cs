using System.Text.Json;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.ControlPlane;

/// <summary>A mesh is the same mesh, whether it is read from a document or learnt over discovery.</summary>
public sealed class SameMeshTests(NodeLab lab) : IClassFixture<NodeLab>
{
    private static readonly string[] s_sections = ["workloads", "services", "policies"];

    [Fact]
    public async Task ConfigDump_FromADocumentAndFromDiscovery_IsTheSame()
    {
        MeshConfig mesh = Mesh(lab.AddPod());
        using ZtunnelProcess reading = await lab
            .Start([], options => options with { Document = mesh.ToYaml() }).ReadyAsync();
        using ZtunnelProcess learning = await lab.Start([], options => options with { Mesh = mesh }).ReadyAsync();

        using JsonDocument read = await reading.ConfigDumpAsync();
        using JsonDocument learnt = await learning.ConfigDumpAsync();

        Assert.Empty(lab.ControlPlane.Nacks);
        Assert.All(s_sections, section => Assert.Equal(
            read.RootElement.GetProperty(section).GetRawText(), learnt.RootElement.GetProperty(section).GetRawText()));
    }

    private static MeshConfig Mesh(Pod pod) => new MeshConfig()
        .Add(
            pod,
            new Dictionary<string, Dictionary<int, int>>
            {
                ["default/a.default.svc.cluster.local"] = new() { [80] = 8080, [443] = 8443 },
            },
            workload =>
            {
                workload["waypoint"] = Gateway("default/waypoint.default.svc.cluster.local");
                workload["networkGateway"] = Gateway("far/10.1.2.3");
                workload["locality"] = new Dictionary<string, object?>
                {
                    ["region"] = "north",
                    ["zone"] = "north-1",
                    ["subzone"] = "rack-7",
                };
                workload["applicationTunnel"] = new Dictionary<string, object?>
                {
                    ["protocol"] = "PROXY",
                    ["port"] = 15088,
                };
                workload["authorizationPolicies"] = new[] { "default/deny" };
                workload["status"] = "Unhealthy";
                workload["networkMode"] = "HostNetwork";
                workload["capacity"] = 3;
                workload["nativeTunnel"] = true;
                workload["hostname"] = "outside.example.com";
            })
        .AddService("a", ["10.96.1.1", "fd96::1:1"], new() { [80] = 8080, [443] = 0 }, service =>
        {
            service["cidrVips"] = new[]
            {
                new Dictionary<string, object?> { ["network"] = "", ["cidr"] = "10.97.0.0/16" },
            };
            service["subjectAltNames"] = new[] { "spiffe://cluster.local/ns/default/sa/gateway" };
            service["weightedWaypoints"] = new[]
            {
                new Dictionary<string, object?> { ["destination"] = Gateway("/10.96.1.9"), ["weight"] = 7 },
            };
            service["loadBalancer"] = new Dictionary<string, object?>
            {
                ["routingPreferences"] = new[] { "Network", "Region", "Zone" },
                ["mode"] = "Failover",
                ["healthPolicy"] = "AllowAll",
            };
            service["ipFamilies"] = "IPv4";
            service["canonical"] = true;
            service["visibility"] = "Namespace";
        })
        .AddPolicy("deny", "Deny", Match("1"), policy => policy["scope"] = "WorkloadSelector")
        .AddPolicy("allow", "Allow", Match("2"), policy => policy["dryRun"] = true)
        .RequireMutualTls();

    private static Dictionary<string, object?> Gateway(string destination) =>
        new() { ["destination"] = destination, ["hboneMtlsPort"] = 15008 };

    // Every kind of match there is.
    private static Dictionary<string, object?> Match(string tail) => new()
    {
        ["namespaces"] = new[] { new YamlTag("Exact", "shop"), new YamlTag("Prefix", "team-") },
        ["notNamespaces"] = new[] { new YamlTag("Suffix", "-test") },
        ["principals"] = new[] { new YamlTag("Presence") },
        ["notPrincipals"] = new[] { new YamlTag("Exact", $"cluster.local/ns/default/sa/{tail}") },
        ["sourceIps"] = new[] { $"10.{tail}.0.0/16", "fd00::/8" },
        ["notSourceIps"] = new[] { "10.9.9.9/32" },
        ["destinationIps"] = new[] { "0.0.0.0/0" },
        ["notDestinationIps"] = new[] { "192.0.2.0/24" },
        ["destinationPorts"] = new object[] { 80, 443 },
        ["notDestinationPorts"] = new object[] { 22 },
        ["serviceAccounts"] = new[] { Account("web") },
        ["notServiceAccounts"] = new[] { Account("mallory") },
    };

    private static Dictionary<string, object?> Account(string name) =>
        new() { ["namespace"] = "default", ["serviceAccount"] = name };
}
