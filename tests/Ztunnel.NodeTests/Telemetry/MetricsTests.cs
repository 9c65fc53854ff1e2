using System.IO.Compression;
using System.Net;
using System.Text.RegularExpressions;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Telemetry;

/// <summary>The metrics page of a node that carries traffic.</summary>
[Collection(TelemetryCollection.Name)]
public sealed class MetricsTests(TelemetryMesh mesh)
{
    private static readonly IPAddress s_vip = IPAddress.Parse(TelemetryMesh.Vip);

    [Theory]
    [InlineData("source")]
    [InlineData("destination")]
    public async Task Labels_OfATunnelledServiceCall_AreIstios(string reporter)
    {
        await EchoClient.OnceAsync(mesh.Client, s_vip, TelemetryMesh.ServicePort);
        string labels = $"reporter=\"{reporter}\"," + """
            source_workload="client",source_canonical_service="client",source_canonical_revision="v1",source_workload_namespace="default",
            source_principal="spiffe://cluster.local/ns/default/sa/client",source_app="client",source_version="v1",source_cluster="Kubernetes",
            destination_service="shop.default.svc.cluster.local",destination_service_namespace="default",destination_service_name="shop",
            destination_workload="server",destination_canonical_service="server",destination_canonical_revision="v1",
            destination_workload_namespace="default",destination_principal="spiffe://cluster.local/ns/default/sa/server",
            destination_app="server",destination_version="v1",destination_cluster="Kubernetes",request_protocol="tcp",response_flags="-",
            connection_security_policy="mutual_tls",source_region="north",source_zone="north-1",destination_region="unknown",
            destination_zone="unknown"
            """.Replace("\n", "", StringComparison.Ordinal);
        ZtunnelProcess proxy = reporter == "source" ? mesh.Mesh.ClientProxy : mesh.Mesh.ServerProxy;

        foreach (string family in new[]
        {
            "istio_tcp_connections_opened_total", "istio_tcp_connections_closed_total", "istio_tcp_received_bytes_total",
            "istio_tcp_sent_bytes_total",
        })
        {
            await proxy.WaitForMetricsAsync(
                metrics => metrics.Text.Contains($"\n{family}{{{labels}}} ", StringComparison.Ordinal),
                $"{family} with {labels}");
        }
    }

    [Fact]
    public async Task Bytes_OfAnOpenConnection_AreCountedWhileTheyFlow()
    {
        const int size = 100_000;
        using AppServer server = new(mesh.Server, async socket =>
        {
            byte[] request = new byte[size];
            await Apps.ReceiveAllAsync(socket, request);
            await Payload.SendAsync(socket, 3 * size);
            await Apps.SilentAsync(socket);
        });
        MetricsText before = await mesh.Mesh.ServerProxy.MetricsAsync();
        using System.Net.Sockets.Socket client = await mesh.Client.ConnectAsync(mesh.Server.V4, server.Port);
        await Apps.SendAllAsync(client, new byte[size]);
        await Patience.ForAsync(Apps.ReceiveAllAsync(client, new byte[3 * size]), "the answer");

        foreach (ZtunnelProcess proxy in new[] { mesh.Mesh.ClientProxy, mesh.Mesh.ServerProxy })
        {
            await proxy.WaitForMetricsAsync(
                metrics => Sum(metrics, "istio_tcp_received_bytes_total") >= size
                    && Sum(metrics, "istio_tcp_sent_bytes_total") >= 3 * size,
                "the bytes of an open connection");
        }

        MetricsText after = await mesh.Mesh.ServerProxy.MetricsAsync();
        Assert.Equal(
            size, Sum(after, "istio_tcp_received_bytes_total") - Sum(before, "istio_tcp_received_bytes_total"));
        Assert.Equal(3 * size, Sum(after, "istio_tcp_sent_bytes_total") - Sum(before, "istio_tcp_sent_bytes_total"));
        Assert.True(after.Sum("istio_tcp_sockets_open", ("reporter", "destination")) >= 1);

        static double Sum(MetricsText metrics, string family) =>
            metrics.Sum(family, ("source_workload", "client"), ("destination_service", "unknown"));
    }

    [Fact]
    public async Task Flags_OfFailedCalls_SayWhoseFaultItWas()
    {
        using EchoClient client = await EchoClient.ConnectAsync(mesh.Client, mesh.Server.V4, 9);
        await Patience.ForAsync(Apps.ReadToEndAsync(client.Socket), "the proxy to close");

        foreach (ZtunnelProcess proxy in new[] { mesh.Mesh.ClientProxy, mesh.Mesh.ServerProxy })
        {
            await proxy.WaitForMetricsAsync(
                metrics => Failed(metrics, "istio_tcp_connections_closed_total") >= 1
                    && Failed(metrics, "istio_tcp_connections_failed_total") >= 1,
                "a failed connection");
        }

        static double Failed(MetricsText metrics, string family) =>
            metrics.Sum(family, ("source_workload", "client"), ("response_flags", "CONNECT"));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task Page_AskedForCompressed_Is(string coding)
    {
        using HttpResponseMessage answer = await mesh.Mesh.ServerProxy.SendAsync(
            HttpMethod.Get, ZtunnelProcess.StatsPort, "/stats/prometheus", ("Accept-Encoding", coding));

        Assert.Equal([coding], answer.Content.Headers.ContentEncoding);
        await using Stream body = await answer.Content.ReadAsStreamAsync();
        await using Stream plain = coding switch
        {
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            _ => new ZLibStream(body, CompressionMode.Decompress),
        };
        using StreamReader reader = new(plain);
        Assert.EndsWith("# EOF\n", await reader.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_CheckedByPromtool_HasNoFaultOfOurs()
    {
        await EchoClient.OnceAsync(mesh.Client, s_vip, TelemetryMesh.ServicePort);
        MetricsText metrics = await mesh.Mesh.ServerProxy.MetricsAsync("?format=prometheus");

        ShellResult check = await Shell.TryRunAsync("promtool", ["check", "metrics"], metrics.Text);

        // Istio's names end so, and stay.
        Regex upstream = new("^workload_manager_(active|pending)_proxy_count .*\"_count\" suffix");
        string[] faults = check.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.DoesNotContain(faults, fault => !upstream.IsMatch(fault));
    }

    [Fact]
    public async Task Page_ScrapedByPrometheus_CanBeQueried()
    {
        await EchoClient.OnceAsync(mesh.Client, s_vip, TelemetryMesh.ServicePort);
        using PrometheusServer prometheus = await PrometheusServer.StartAsync(
            mesh.Mesh.Network, [mesh.Mesh.ClientProxy, mesh.Mesh.ServerProxy]);

        await Patience.UntilAsync(
            async () => (await prometheus.QueryAsync("up == 1")).Count == 2, $"both targets to be up");
        IReadOnlyList<double> opened = await prometheus.QueryAsync(
            "sum by (reporter) (istio_tcp_connections_opened_total{destination_service_name=\"shop\"})");

        Assert.Equal(2, opened.Count);
        Assert.All(opened, count => Assert.True(count >= 1));
    }
}
