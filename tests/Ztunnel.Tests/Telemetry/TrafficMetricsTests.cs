using System.Text;
using Ztunnel.Telemetry;

namespace Ztunnel.Tests.Telemetry;

public sealed class TrafficMetricsTests
{
    private static readonly TimeSpan s_grace = TimeSpan.FromMinutes(5);

    private readonly ManualTime _time = new();
    private readonly MetricSet _set = new(workers: 3);
    private readonly TrafficMetrics _traffic;

    public TrafficMetricsTests() => _traffic = new TrafficMetrics(_set, s_grace, _time);

    private static TrafficLabels Labels { get; } = new()
    {
        Reporter = Reporter.Source,
        Source = new TrafficPeer
        {
            Workload = "client",
            CanonicalService = "client",
            CanonicalRevision = "v1",
            Namespace = "default",
            Principal = "spiffe://cluster.local/ns/default/sa/client",
            App = "client",
            Version = "v1",
            Cluster = "Kubernetes",
            Region = "r",
            Zone = "z",
        },
        Destination = new TrafficPeer { Workload = "server", Namespace = "default" },
        Service = new TrafficService("echo.default.svc.cluster.local", "default", "echo"),
        IsMutualTls = true,
    };

    [Fact]
    public async Task Collect_OneConnection_HasAllLabelsInTheContractsOrder()
    {
        TrafficSeries series = _traffic.Series(Labels);
        series.Opened(1);

        string text = await Scrape();

        const string Expected =
            "{reporter=\"source\",source_workload=\"client\",source_canonical_service=\"client\",source_canonical_revision=\"v1\",source_workload_namespace=\"default\",source_principal=\"spiffe://cluster.local/ns/default/sa/client\",source_app=\"client\",source_version=\"v1\",source_cluster=\"Kubernetes\",destination_service=\"echo.default.svc.cluster.local\",destination_service_namespace=\"default\",destination_service_name=\"echo\",destination_workload=\"server\",destination_canonical_service=\"unknown\",destination_canonical_revision=\"unknown\",destination_workload_namespace=\"default\",destination_principal=\"unknown\",destination_app=\"unknown\",destination_version=\"unknown\",destination_cluster=\"unknown\",request_protocol=\"tcp\",response_flags=\"-\",connection_security_policy=\"mutual_tls\",source_region=\"r\",source_zone=\"z\",destination_region=\"unknown\",destination_zone=\"unknown\"}";
        Assert.Contains($"istio_tcp_connections_opened_total{Expected} 1\n", text, StringComparison.Ordinal);
        Assert.Contains($"istio_tcp_received_bytes_total{Expected} 0\n", text, StringComparison.Ordinal);
        Assert.Contains($"istio_tcp_sent_bytes_total{Expected} 0\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("istio_tcp_connections_closed", text, StringComparison.Ordinal);
        Assert.DoesNotContain("istio_tcp_connections_failed", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Collect_SeveralWorkers_SumsThemAndSplitsClosedByFlag()
    {
        TrafficSeries series = _traffic.Series(Labels);
        for (int worker = 0; worker < 3; worker++)
        {
            series.Opened(worker);
            series.Received(worker, 1L << 40);
            series.Sent(worker, 7);
        }

        series.Closed(0, ResponseFlag.None);
        series.Closed(2, ResponseFlag.Deny);
        string text = await Scrape();

        Assert.Equal("3", ValueOf(text, "istio_tcp_connections_opened_total"));
        Assert.Equal((3L << 40).ToString(System.Globalization.CultureInfo.InvariantCulture), ValueOf(text, "istio_tcp_received_bytes_total"));
        Assert.Equal("21", ValueOf(text, "istio_tcp_sent_bytes_total"));
        Assert.Equal("1", ValueOf(text, "istio_tcp_connections_closed_total", "response_flags=\"-\""));
        Assert.Equal("1", ValueOf(text, "istio_tcp_connections_closed_total", "response_flags=\"DENY\""));
        Assert.Equal("1", ValueOf(text, "istio_tcp_connections_failed_total", "response_flags=\"DENY\""));
        Assert.Null(ValueOf(text, "istio_tcp_connections_failed_total", "response_flags=\"-\""));
        Assert.Equal(1, series.Totals().Live);
    }

    [Fact]
    public async Task Series_PeerNamesItselfAnewEachTime_AreBoundedAndGoWhenIdle()
    {
        TrafficSeries first = _traffic.Series(Hearsay("first"));
        first.Opened(0);
        for (int at = 0; at < 3 * TrafficMetrics.MaxHearsay; at++)
        {
            TrafficSeries series = _traffic.Series(Hearsay($"name-{at}"));
            series.Opened(0);
            series.Closed(0, ResponseFlag.None);
        }

        Assert.Equal(TrafficMetrics.MaxHearsay + 1, _traffic.SeriesCount); // and one for all the others
        Assert.Equal("spiffe://td/ns/n/sa/s", _traffic.Series(Hearsay("late")).Labels.Source.Principal);
        await Scrape();
        _time.Advance(s_grace);
        await Scrape();
        Assert.Equal(2, _traffic.SeriesCount); // the one with a connection, and that of the identity
        Assert.Equal("back", _traffic.Series(Hearsay("back")).Labels.Source.Workload);

        static TrafficLabels Hearsay(string name) => Labels with
        {
            Source = new TrafficPeer { Workload = name, Principal = "spiffe://td/ns/n/sa/s", IsHearsay = true },
        };
    }

    [Fact]
    public async Task EvictWorkload_AfterTheGrace_RemovesItsSeriesAndReuseStartsAtZero()
    {
        TrafficSeries series = _traffic.Series(Labels);
        series.Opened(0);
        series.Received(0, 100);
        series.Closed(0, ResponseFlag.Connect);
        await Scrape();

        _traffic.EvictWorkload("default", "server");
        _time.Advance(s_grace - TimeSpan.FromSeconds(1));
        Assert.Contains("istio_tcp_connections_failed_total", await Scrape(), StringComparison.Ordinal);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.DoesNotContain("istio_tcp_connections", await Scrape(), StringComparison.Ordinal);
        Assert.Equal(0, _traffic.SeriesCount);

        _traffic.Series(Labels).Opened(1);
        string text = await Scrape();
        Assert.Equal("1", ValueOf(text, "istio_tcp_connections_opened_total"));
        Assert.Equal("0", ValueOf(text, "istio_tcp_received_bytes_total"));
    }

    [Fact]
    public async Task EvictWorkload_ConnectionStillOpen_WaitsForIt()
    {
        TrafficSeries series = _traffic.Series(Labels);
        series.Opened(0);
        _traffic.EvictWorkload("default", "client");
        _time.Advance(s_grace * 3);

        Assert.Equal("1", ValueOf(await Scrape(), "istio_tcp_connections_opened_total"));

        series.Closed(0, ResponseFlag.None);
        Assert.DoesNotContain("istio_tcp", await Scrape(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("default", "other", false)]
    [InlineData("elsewhere", "server", false)]
    [InlineData("default", "server", true)]
    public async Task EvictWorkload_UsedAgainOrNotMentioned_Stays(string @namespace, string workload, bool usedAgain)
    {
        _traffic.Series(Labels).Opened(0);
        _traffic.Series(Labels).Closed(0, ResponseFlag.None);
        _traffic.EvictWorkload(@namespace, workload);
        if (usedAgain)
        {
            _traffic.Series(Labels);
        }

        _time.Advance(s_grace * 2);

        Assert.Equal("1", ValueOf(await Scrape(), "istio_tcp_connections_opened_total"));
    }

    [Fact]
    public async Task SocketsOpen_OpenedAndClosedOnDifferentWorkers_StaysAtZeroOnceSeen()
    {
        Assert.DoesNotContain("istio_tcp_sockets_open", await Scrape(), StringComparison.Ordinal);

        _traffic.SocketOpened(0, Reporter.Destination);
        Assert.Equal("1", ValueOf(await Scrape(), "istio_tcp_sockets_open", "destination"));

        _traffic.SocketClosed(2, Reporter.Destination);
        Assert.Equal("0", ValueOf(await Scrape(), "istio_tcp_sockets_open", "destination"));
    }

    [Fact]
    public void Series_EqualLabelsFromOtherObjects_IsTheSame()
    {
        TrafficLabels again = Labels with
        {
            Source = Labels.Source with { },
            Service = new TrafficService("echo.default.svc.cluster.local", "default", "echo"),
        };
        TrafficLabels other = Labels with { Source = Labels.Source with { Principal = "" } };

        Assert.Same(_traffic.Series(Labels), _traffic.Series(again));
        Assert.NotSame(_traffic.Series(Labels), _traffic.Series(other));
        Assert.Equal("unknown", other.Source.Principal);
    }

    [Fact]
    public void Series_Known_AllocatesNothing()
    {
        TrafficLabels labels = Labels;
        _traffic.Series(labels).Opened(0);
        long before = GC.GetAllocatedBytesForCurrentThread();

        for (int round = 0; round < 1000; round++)
        {
            TrafficSeries series = _traffic.Series(labels);
            series.Opened(0);
            series.Sent(0, 10);
            series.Closed(0, ResponseFlag.None);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static string? ValueOf(string text, string sample, string label = "") => text.Split('\n')
        .FirstOrDefault(line => line.StartsWith(sample, StringComparison.Ordinal) && line.Contains(label, StringComparison.Ordinal))
        ?.Split(' ')[^1];

    private async Task<string> Scrape()
    {
        using MemoryStream output = new();
        await MetricsExposition.WriteAsync(_set, ExpositionText.OpenMetrics, output, CancellationToken.None);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
