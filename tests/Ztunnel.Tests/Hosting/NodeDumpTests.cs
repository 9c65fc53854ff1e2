using System.Text.Json;
using Ztunnel.Config;
using Ztunnel.Hosting;
using Ztunnel.Telemetry;
using Ztunnel.Tests.Config;
using Ztunnel.Tests.Telemetry;

namespace Ztunnel.Tests.Hosting;

public sealed class NodeDumpTests
{
    private const string Document =
        "workloads: [{uid: a, name: a, namespace: shop, workloadIps: [10.0.0.1], "
        + "services: {shop/cart.example: {80: 8080}}}]";

    private static readonly string[] s_always =
    [
        "certificates", "config", "policies", "services", "stagedServices", "staticConfig", "version", "workloads",
    ];

    [Fact]
    public async Task Write_DedicatedMode_HasEverySectionInOrder()
    {
        using JsonDocument dump = await DumpAsync(
            ("PROXY_MODE", "dedicated"), ("PROXY_WORKLOAD_INFO", "shop/a/cart"), ("LOCAL_XDS", Document));

        Assert.Equal(s_always, dump.RootElement.EnumerateObject().Select(static section => section.Name));
        Assert.Equal("a", dump.RootElement.GetProperty("workloads")[0].GetProperty("uid").GetString());
        JsonElement document = dump.RootElement.GetProperty("staticConfig");
        Assert.Equal("a", document.GetProperty("workloads")[0].GetProperty("uid").GetString());
        Assert.True(dump.RootElement.GetProperty("stagedServices").TryGetProperty("shop/cart.example", out _));
    }

    [Fact]
    public async Task Write_SharedMode_ShowsPods()
    {
        using JsonDocument dump = await DumpAsync(("LOCAL_XDS", Document));

        Assert.Equal(
            s_always.Append("workloadState").Order(StringComparer.Ordinal),
            dump.RootElement.EnumerateObject().Select(static section => section.Name));
    }

    [Fact]
    public void WriteStatic_FileGoneBad_SaysSoBesideEmptyLists()
    {
        using MemoryStream output = new();
        using (Utf8JsonWriter json = new(output))
        {
            NodeDump.WriteStatic(json, new ControlPlaneOptions { LocalConfigText = "workloads: 1" });
        }

        using JsonDocument dump = JsonDocument.Parse(output.ToArray());
        Assert.Contains("must be a list", dump.RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, dump.RootElement.GetProperty("workloads").GetArrayLength());
    }

    private static async Task<JsonDocument> DumpAsync(params (string, string)[] variables)
    {
        ProxyConfig config = Env.Read(
            [.. variables, ("FAKE_CA", "true"), ("ZTUNNEL_ALLOW_FAKE_CA", "true"), ("XDS_ADDRESS", "")]);
        using LogCapture log = new();
        await using NodeProxy node = new(config, log.Factory, TimeProvider.System);
        node.StaticMesh.Load();
        using MemoryStream output = new();
        await NodeDump.Of(node, BuildInfo.Of("1.2", "test")).WriteAsync(output, CancellationToken.None);
        return JsonDocument.Parse(output.ToArray());
    }
}
