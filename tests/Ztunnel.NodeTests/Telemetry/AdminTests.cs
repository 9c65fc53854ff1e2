using System.Text.Json;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Telemetry;

/// <summary>What the admin and readiness servers answer.</summary>
[Collection(TelemetryCollection.Name)]
public sealed class AdminTests(TelemetryMesh mesh)
{
    private static readonly string[] s_sections =
    [
        "certificates", "config", "policies", "services", "stagedServices", "staticConfig", "version",
        "workloadState", "workloads",
    ];

    [Fact]
    public async Task ConfigDump_OfAServingNode_HasWhatIstioctlReads()
    {
        using EchoClient client = await EchoClient.ConnectAsync(mesh.Client, mesh.Server.V4, TelemetryMesh.Target);
        await client.ExchangeAsync();

        using JsonDocument dump = await mesh.Mesh.ServerProxy.ConfigDumpAsync();

        JsonElement root = dump.RootElement;
        Assert.Equal(s_sections, root.EnumerateObject().Select(section => section.Name).Where(s_sections.Contains));
        JsonElement workload = root.GetProperty("workloads").EnumerateArray()
            .Single(each => Text(each, "name") == "server");
        Assert.Equal(
            [mesh.Server.V4.ToString(), mesh.Server.V6.ToString()], Texts(workload.GetProperty("workloadIps")));
        Assert.Equal("HBONE", Text(workload, "protocol"));
        Assert.Equal("Healthy", Text(workload, "status"));
        Assert.Equal(1, workload.GetProperty("capacity").GetInt32());
        JsonElement service = Assert.Single(root.GetProperty("services").EnumerateArray());
        Assert.Equal([$"/{TelemetryMesh.Vip}"], Texts(service.GetProperty("vips")));
        JsonElement endpoint = service.GetProperty("endpoints").GetProperty(mesh.Server.WorkloadUid);
        Assert.Equal(TelemetryMesh.Target, endpoint.GetProperty("port").GetProperty("80").GetInt32());
        JsonElement certificate = root.GetProperty("certificates").EnumerateArray()
            .Single(each => Text(each, "identity") == mesh.Server.SpiffeId);
        Assert.Equal("Available", Text(certificate, "state"));
        JsonElement leaf = Assert.Single(certificate.GetProperty("certChain").EnumerateArray());
        Assert.True(DateTimeOffset.Parse(Text(leaf, "expirationTime"), null) > DateTimeOffset.UtcNow);
        Assert.Matches("^[0-9]+$", Text(leaf, "serialNumber"));
        JsonElement pod = root.GetProperty("workloadState").GetProperty(mesh.Server.ZdsUid);
        Assert.Equal("Up", Text(pod, "state"));
        JsonElement connection = Assert.Single(pod.GetProperty("connections").GetProperty("inbound").EnumerateArray());
        Assert.Equal($"{mesh.Server.V4}:{TelemetryMesh.Target}", Text(connection, "actualDst"));
        Assert.Equal("HBONE", Text(connection, "protocol"));
    }

    [Fact]
    public async Task StatusPage_OfAServingNode_ShowsConnectionsWorkloadsAndCertificates()
    {
        using EchoClient client = await EchoClient.ConnectAsync(mesh.Client, mesh.Server.V4, TelemetryMesh.Target);
        await client.ExchangeAsync();

        using HttpResponseMessage answer = await mesh.Mesh.ServerProxy.SendAsync(HttpMethod.Get, 15000, "/");
        string page = await answer.Content.ReadAsStringAsync();

        Assert.Contains(
            $"<td>in</td><td>{mesh.Client.V4}:", page, StringComparison.Ordinal);
        Assert.Contains($"<td>{mesh.Server.V4}:{TelemetryMesh.Target}</td><td>HBONE</td>", page, StringComparison.Ordinal);
        Assert.Contains($"<td>{mesh.Server.WorkloadUid}</td>", page, StringComparison.Ordinal);
        Assert.Contains($"<td>{mesh.Server.SpiffeId}</td><td>Available</td>", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(15021, "GET", "/healthz/ready", 200)]
    [InlineData(15021, "POST", "/healthz/ready", 405)]
    [InlineData(15021, "GET", "/healthz", 404)]
    [InlineData(15020, "GET", "/metrics", 200)]
    [InlineData(15020, "GET", "/stats/prometheus", 200)]
    [InlineData(15020, "GET", "/nope", 404)]
    [InlineData(15000, "GET", "/", 200)]
    [InlineData(15000, "GET", "/nope", 404)]
    [InlineData(15000, "HEAD", "/config_dump", 200)]
    [InlineData(15000, "GET", "/quitquitquit", 405)]
    public async Task Path_OnItsPort_AnswersAsSpecified(int port, string method, string path, int status)
    {
        using HttpResponseMessage answer = await mesh.Mesh.ServerProxy.SendAsync(new HttpMethod(method), port, path);

        Assert.Equal(status, (int)answer.StatusCode);
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static IEnumerable<string?> Texts(JsonElement array) =>
        array.EnumerateArray().Select(each => each.GetString());
}
