using Ztunnel.Linux;
using Ztunnel.Telemetry;

namespace Ztunnel.Tests.Telemetry;

public sealed class AccessLogTests
{
    private static readonly TrafficPeer s_client = Peer("client", "client");
    private static readonly TrafficPeer s_server = Peer("server", "server");

    private static TrafficPeer Peer(string workload, string account) => new()
    {
        Workload = workload,
        CanonicalService = workload,
        Namespace = "default",
        Principal = $"spiffe://cluster.local/ns/default/sa/{account}",
    };

    private static AccessRecord InboundHbone(string? error = null) => new()
    {
        Labels = new TrafficLabels
        {
            Reporter = Reporter.Destination,
            Source = s_client,
            Destination = s_server,
            Service = new TrafficService("direct.default.svc.cluster.local", "default", "direct"),
            IsMutualTls = true,
        },
        SourceAddress = InetEndpoint.Parse("10.77.0.3:48184"),
        SourceName = "client",
        DestinationAddress = InetEndpoint.Parse("10.77.0.4:15008"),
        HboneAddress = "10.77.0.4:7200",
        DestinationName = "server",
        Received = 12345,
        Sent = 67890,
        Duration = TimeSpan.FromMilliseconds(4.9),
        Error = error,
    };

    [Fact]
    public void Complete_InboundHbone_IsTheSampleLine()
    {
        using LogCapture log = new(time: At(".800342"));

        new AccessLog(log.Factory).Complete(InboundHbone());

        Assert.Equal(
            "2026-11-22T15:33:24.800342Z\tinfo\taccess\tconnection complete\tsrc.addr=10.77.0.3:48184 src.workload=\"client\" src.namespace=\"default\" src.identity=\"spiffe://cluster.local/ns/default/sa/client\" dst.addr=10.77.0.4:15008 dst.hbone_addr=10.77.0.4:7200 dst.service=\"direct.default.svc.cluster.local\" dst.workload=\"server\" dst.namespace=\"default\" dst.identity=\"spiffe://cluster.local/ns/default/sa/server\" direction=\"inbound\" bytes_sent=67890 bytes_recv=12345 duration=\"4ms\"\n",
            log.Text);
    }

    [Fact]
    public void Complete_InboundHboneAsJson_IsTheSampleLine()
    {
        using LogCapture log = new(format: LogFormat.Json, time: At(".800342"));

        new AccessLog(log.Factory).Complete(InboundHbone());

        Assert.Equal(
            """{"level":"info","time":"2026-11-22T15:33:24.800342Z","scope":"access","message":"connection complete","src.addr":"10.77.0.3:48184","src.workload":"client","src.namespace":"default","src.identity":"spiffe://cluster.local/ns/default/sa/client","dst.addr":"10.77.0.4:15008","dst.hbone_addr":"10.77.0.4:7200","dst.service":"direct.default.svc.cluster.local","dst.workload":"server","dst.namespace":"default","dst.identity":"spiffe://cluster.local/ns/default/sa/server","direction":"inbound","bytes_sent":67890,"bytes_recv":12345,"duration":"4ms"}""" + "\n",
            log.Text);
    }

    [Fact]
    public void Complete_OutboundPlaintextRefused_IsTheSampleErrorLine()
    {
        using LogCapture log = new(time: At(".150205"));
        AccessRecord record = new()
        {
            Labels = new TrafficLabels { Reporter = Reporter.Source, Source = s_client, Destination = Peer("outside", "outside") },
            SourceAddress = InetEndpoint.Parse("10.77.0.3:50946"),
            SourceName = "client",
            DestinationAddress = InetEndpoint.Parse("10.77.0.5:7999"),
            Error = "io error: Connection refused (os error 111)",
        };

        new AccessLog(log.Factory).Complete(record);

        Assert.Equal(
            "2026-11-22T15:33:24.150205Z\terror\taccess\tconnection complete\tsrc.addr=10.77.0.3:50946 src.workload=\"client\" src.namespace=\"default\" dst.addr=10.77.0.5:7999 dst.workload=\"outside\" dst.namespace=\"default\" direction=\"outbound\" bytes_sent=0 bytes_recv=0 duration=\"0ms\" error=\"io error: Connection refused (os error 111)\"\n",
            log.Text);
    }

    [Fact]
    public void Complete_OutboundV6ToWaypointWithClusters_CountsFromTheWorkloadsView()
    {
        using LogCapture log = new(time: At(".253093"));
        AccessRecord record = new()
        {
            Labels = new TrafficLabels
            {
                Reporter = Reporter.Source,
                Source = s_client with { Cluster = "c1" },
                Destination = Peer("wp", "wp") with { Cluster = "c2" },
                IsMutualTls = true,
            },
            SourceAddress = InetEndpoint.Parse("[fd77::3]:64684"),
            DestinationAddress = InetEndpoint.Parse("[fd77::6]:15008"),
            HboneAddress = "[fd96::10]:80",
            Received = 2,
            Sent = 387,
            Duration = TimeSpan.FromMilliseconds(56),
        };

        new AccessLog(log.Factory).Complete(record);

        Assert.Equal(
            "2026-11-22T15:33:24.253093Z\tinfo\taccess\tconnection complete\tsrc.addr=[fd77::3]:64684 src.workload=\"client\" src.namespace=\"default\" src.identity=\"spiffe://cluster.local/ns/default/sa/client\" src.cluster=\"c1\" dst.addr=[fd77::6]:15008 dst.hbone_addr=[fd96::10]:80 dst.workload=\"wp\" dst.namespace=\"default\" dst.identity=\"spiffe://cluster.local/ns/default/sa/wp\" dst.cluster=\"c2\" direction=\"outbound\" bytes_sent=2 bytes_recv=387 duration=\"56ms\"\n",
            log.Text);
    }

    [Fact]
    public void EarlyDeny_NoHealthyUpstream_IsTheSampleWarning()
    {
        using LogCapture log = new(time: At(".231088"));

        new AccessLog(log.Factory).EarlyDeny(
            InetEndpoint.Parse("10.77.0.3:28802"), InetEndpoint.Parse("10.96.0.62:80"), Reporter.Source,
            "no healthy upstream: 10.96.0.62:80");

        Assert.Equal(
            "2026-11-22T15:33:24.231088Z\twarn\taccess\tconnection failed\tsrc.addr=10.77.0.3:28802 dst.addr=10.96.0.62:80 direction=\"outbound\" error=\"no healthy upstream: 10.96.0.62:80\"\n",
            log.Text);
    }

    [Theory]
    [InlineData("info", "")]
    [InlineData("access=debug,info", "connection opened\tsrc.addr=10.77.0.3:48184 src.workload=\"client\" src.namespace=\"default\" src.identity=\"spiffe://cluster.local/ns/default/sa/client\" dst.addr=10.77.0.4:15008 dst.hbone_addr=10.77.0.4:7200 dst.service=\"direct.default.svc.cluster.local\" dst.workload=\"server\" dst.namespace=\"default\" dst.identity=\"spiffe://cluster.local/ns/default/sa/server\" direction=\"inbound\"\n")]
    public void Opened_ByFilter_EndsWithTheDirection(string filter, string expected)
    {
        using LogCapture log = new(filter);

        new AccessLog(log.Factory).Opened(InboundHbone());

        Assert.EndsWith(expected, log.Text, StringComparison.Ordinal);
        Assert.Equal(expected.Length == 0, log.Text.Length == 0);
    }

    [Fact]
    public void Complete_InfoOff_WritesOnlyFailures()
    {
        using LogCapture log = new("error");
        AccessLog access = new(log.Factory);

        access.Complete(InboundHbone());
        access.Complete(InboundHbone(error: "pool draining"));

        Assert.Equal(1, log.Text.Count(c => c == '\n'));
        Assert.False(access.IsEnabled(failed: false));
        Assert.True(access.IsEnabled(failed: true));
    }

    [Fact]
    public void Complete_ForgedAuthority_CannotBreakTheLine()
    {
        using LogCapture log = new();

        new AccessLog(log.Factory).EarlyDeny(
            default, default, Reporter.Destination, "no valid authority pseudo header: a\"\n2026\tinfo\taccess\u001b[2J\\");

        Assert.Equal(1, log.Text.Count(c => c == '\n'));
        Assert.EndsWith("header: a\\\"\\n2026\\tinfo\\taccess\\u{1b}[2J\\\\\"\n", log.Text, StringComparison.Ordinal);
    }

    private static ManualTime At(string fraction) =>
        new(DateTimeOffset.Parse($"2026-11-22T15:33:24{fraction}Z", System.Globalization.CultureInfo.InvariantCulture));
}
