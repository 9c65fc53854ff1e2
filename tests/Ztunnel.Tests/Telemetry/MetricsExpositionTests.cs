using System.Globalization;
using System.Text;
using Prometheus;
using Ztunnel.Telemetry;

namespace Ztunnel.Tests.Telemetry;

public sealed class MetricsExpositionTests
{
    [Fact]
    public async Task WriteAsync_AllFamilies_IsOpenMetricsWithTheContractsNames()
    {
        using LogCapture log = new();
        ZtunnelMetrics metrics = Everything(log);

        string text = await Scrape(metrics.Set);

        Assert.EndsWith("\n# EOF\n", text, StringComparison.Ordinal);
        Assert.Contains("# HELP istio_build Istio component build info.\n# TYPE istio_build gauge\nistio_build{component=\"ztunnel\",tag=\"1.27.0\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE istio_xds_message_bytes counter\n# UNIT istio_xds_message_bytes bytes\nistio_xds_message_bytes_total{url=\"type.googleapis.com/istio.workload.Address\"} 4693\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE istio_xds_connection_terminations counter\nistio_xds_connection_terminations_total{reason=\"Reconnect\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("# UNIT istio_dns_upstream_request_duration_seconds seconds\n", text, StringComparison.Ordinal);
        Assert.Contains("source_canonical_revision=\"unknown\",le=\"0.0005\"} 0\n", text, StringComparison.Ordinal);
        Assert.Contains("source_canonical_revision=\"unknown\",le=\"+Inf\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("istio_on_demand_dns_total{source_workload=\"client\"", text, StringComparison.Ordinal);
        Assert.Contains("istio_crl_policy_rejections_total{reporter=\"source\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("\nprocess_max_fds 4096\n", text, StringComparison.Ordinal);
        Assert.Contains("\nztunnel_hbone_abuse_total{kind=\"rapid_reset\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("\nztunnel_worker_busy_seconds_total{worker=\"0\"} 1.5\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("istio_crl_untracked", text, StringComparison.Ordinal); // no sample, no family
    }

    [Fact]
    public async Task WriteAsync_EveryFamilyOfIstio_IsMarkedUnstableUnlessItIsPromised()
    {
        using LogCapture log = new();
        string[] stable =
        [
            "istio_build", "istio_tcp_connections_opened", "istio_tcp_connections_closed",
            "istio_tcp_received_bytes", "istio_tcp_sent_bytes", "process_open_fds", "process_max_fds",
        ];

        string text = await Scrape(Everything(log).Set);

        string[] helps = [.. text.Split('\n').Where(line => line.StartsWith("# HELP ", StringComparison.Ordinal) && !line.Contains("ztunnel_", StringComparison.Ordinal))];
        Assert.True(helps.Length >= 14, text);
        Assert.All(helps, line => Assert.NotEqual(
            stable.Contains(line.Split(' ')[2]), line.Contains("(unstable)", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(1, "1")]
    [InlineData(-3, "-3")]
    [InlineData(0.5, "0.5")]
    [InlineData(1e15, "1000000000000000")]
    [InlineData(9007199254740991, "9007199254740991")]
    [InlineData(1e18, "1000000000000000000")]
    [InlineData(1e-7, "1e-07")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    public async Task WriteAsync_Value_IntegersArePrintedAsIntegers(double value, string expected)
    {
        MetricSet set = new(1);
        set.Factory.CreateGauge("g", "help").Set(value);

        Assert.Equal($"# HELP g help\n# TYPE g gauge\ng {expected}\n# EOF\n", await Scrape(set));
    }

    [Fact]
    public async Task WriteAsync_PrometheusText_NamesSamplesAndHasNoEnd()
    {
        using LogCapture log = new();
        using MemoryStream output = new();

        await MetricsExposition.WriteAsync(Everything(log).Set, ExpositionText.Prometheus, output, CancellationToken.None);

        string text = Encoding.UTF8.GetString(output.ToArray());
        Assert.Contains("# TYPE istio_tcp_connections_opened_total counter\nistio_tcp_connections_opened_total{", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE istio_xds_message_total counter\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("# UNIT", text, StringComparison.Ordinal);
        Assert.DoesNotContain("# EOF", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WriteAsync_LabelsOfOthers_AreEscaped()
    {
        MetricSet set = new(1);
        TrafficMetrics traffic = new(set, TimeSpan.Zero, TimeProvider.System);
        traffic.Series(new TrafficLabels { Source = new TrafficPeer { Workload = "a\"b\\c\nd ö" } }).Opened(0);

        string text = await Scrape(set);

        Assert.Contains("source_workload=\"a\\\"b\\\\c\\nd ö\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WriteAsync_NobodyKnown_LeavesLocalityOut()
    {
        MetricSet set = new(1);
        new TrafficMetrics(set, TimeSpan.Zero, TimeProvider.System).Series(default).Opened(0);

        string text = await Scrape(set);

        Assert.Contains("connection_security_policy=\"unknown\"} 1\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_CutAnywhere_GivesTheSameText()
    {
        MetricSet set = new(1);
        set.Factory.CreateCounter("a_total", "one\ntwo", ["l"]).WithLabels("x \"y\"\n").Inc(5);
        set.Units["b_bytes"] = "bytes";
        set.Factory.CreateGauge("b_bytes", "b").Set(1.0);
        byte[] raw;
        using (MemoryStream plain = new())
        {
            await set.Registry.CollectAndExportAsTextAsync(plain, ExpositionFormat.OpenMetricsText);
            raw = plain.ToArray();
        }

        string whole = await Scrape(set);
        for (int cut = 0; cut <= raw.Length; cut++)
        {
            using MemoryStream output = new();
            await using OpenMetricsStream stream = new(output, set.Units);
            await stream.WriteAsync(raw.AsMemory(0, cut));
            await stream.WriteAsync(raw.AsMemory(cut));
            Assert.Equal(whole, Encoding.UTF8.GetString(output.ToArray()) + "# EOF\n");
        }
    }

    [Fact]
    public void WorkerCounter_WorkersAndOthers_AreSummed()
    {
        WorkerCounter counter = new(workers: 4);

        Parallel.For(0, 4, worker =>
        {
            for (int round = 0; round < 1000; round++)
            {
                counter.Increment(worker);
                counter.Add(WorkerCounter.NoWorker, 2);
            }
        });
        counter.Decrement(3);

        Assert.Equal(11_999, counter.Sum);
    }

    internal static ZtunnelMetrics Everything(LogCapture log)
    {
        ZtunnelMetrics metrics = new(new MetricSet(2), "1.27.0", new MetricOptions(), TimeProvider.System);
        TrafficPeer client = new() { Workload = "client" };
        metrics.AddProcess(
            () => 4096, () => [new WorkerFigures { Index = 0, Busy = TimeSpan.FromSeconds(1.5) }], log.Writer, TimeProvider.System);
        TrafficSeries series = metrics.Traffic.Series(new TrafficLabels { Source = client });
        series.Opened(0);
        series.Closed(0, ResponseFlag.Connect);
        metrics.Traffic.SocketOpened(0, Reporter.Source);
        metrics.Xds.MessageReceived("type.googleapis.com/istio.workload.Address", 4693);
        metrics.Xds.ConnectionTerminated(XdsTermination.Reconnect);
        DnsSource source = metrics.Dns!.Take(client);
        source.Requested("a", overTcp: false);
        source.Forwarded("a", overTcp: true, TimeSpan.FromMilliseconds(2), failed: true);
        metrics.Resolution.Requested(client, "example.com");
        metrics.Revocation.Rejected(1, Reporter.Source);
        metrics.Tunnels.Abuse("rapid_reset").Add(1, 2);
        metrics.Tunnels.Server.Open.Increment(0);
        metrics.Tunnels.Closed("server", "idle").Increment(WorkerCounter.NoWorker);
        return metrics;
    }

    private static async Task<string> Scrape(MetricSet set)
    {
        using MemoryStream output = new();
        await MetricsExposition.WriteAsync(set, ExpositionText.OpenMetrics, output, CancellationToken.None);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
