using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Traffic;

/// <summary>The proxies' own ports, reached as any workload's.</summary>
[Collection(TrafficCollection.Name)]
public sealed class SelfListenerTests(TrafficMesh mesh)
{
    [Fact]
    public async Task Metrics_AskedForByAPod_ComeOverMutualTls()
    {
        ZtunnelProcess proxy = mesh.Mesh.ServerProxy;
        using HttpClient http = mesh.Client.CreateHttpClient();

        string metrics = await http.GetStringAsync(
            new Uri($"http://{proxy.Node.V4}:{ZtunnelProcess.StatsPort}/metrics"));

        Assert.Contains("istio_build", metrics, StringComparison.Ordinal);
        string line = await proxy.Log.WaitForAsync("connection complete", $"dst.hbone_addr={proxy.Node.V4}:15020");
        Assert.Contains($"src.identity=\"{mesh.Client.SpiffeId}\"", line, StringComparison.Ordinal);
        Assert.Contains(
            "dst.identity=\"spiffe://cluster.local/ns/istio-system/sa/ztunnel\"", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_ToTheNodesOwnTunnelPort_IsRefused()
    {
        using Http2.Http2Client client = Http2.Http2Client.Start(
            mesh.Mesh.Network, mesh.Outside, mesh.Mesh.Nodes[1].V4, mesh.Mesh.Ca.Root.Issue(mesh.Client));

        int stream = await client.ConnectAsync($"{mesh.Mesh.Nodes[1].V4}:15008");

        Assert.Equal(503, (await client.WaitAsync("response", stream)).Code);
    }
}
