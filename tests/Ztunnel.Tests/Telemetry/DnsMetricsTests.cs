using System.Text;
using Ztunnel.Telemetry;

namespace Ztunnel.Tests.Telemetry;

public sealed class DnsMetricsTests
{
    private readonly ManualTime _time = new();
    private readonly MetricSet _set = new(1);
    private readonly DnsMetrics _metrics;

    public DnsMetricsTests() => _metrics = new DnsMetrics(_set, TimeSpan.FromMinutes(5), _time);

    [Fact]
    public async Task Count_PodsOfOneService_ShareItsSeries()
    {
        DnsSource one = Take("shop");
        DnsSource other = Take("shop");
        Assert.Same(one, other);
        one.Requested("a", overTcp: false);
        other.Requested("a", overTcp: false);
        other.Requested("aaaa", overTcp: true);

        string text = await ScrapeAsync();

        Assert.Contains(
            "istio_dns_requests_total{request_query_type=\"a\",request_protocol=\"udp\",source_canonical_service=\"shop\","
            + "source_canonical_revision=\"unknown\"} 2\n",
            text,
            StringComparison.Ordinal);
        Assert.Contains("{request_query_type=\"aaaa\",request_protocol=\"tcp\",", text, StringComparison.Ordinal);
        Assert.DoesNotContain("istio_dns_upstream", text, StringComparison.Ordinal); // nothing was forwarded
    }

    [Fact]
    public async Task Release_LastPod_SeriesGoWhenTheGraceIsOver()
    {
        DnsSource one = Take("shop");
        DnsSource other = Take("shop");
        one.Requested("a", overTcp: false);
        one.Forwarded("a", overTcp: false, TimeSpan.FromMilliseconds(3), failed: true);
        _metrics.Release(one);
        _time.Advance(TimeSpan.FromMinutes(6));
        Assert.Contains("shop", await ScrapeAsync(), StringComparison.Ordinal); // the other pod is still there

        _metrics.Release(other);
        Assert.Contains("shop", await ScrapeAsync(), StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromMinutes(6));
        await ScrapeAsync(); // at its end they are taken away

        Assert.DoesNotContain("shop", await ScrapeAsync(), StringComparison.Ordinal);
        DnsSource back = Take("shop");
        back.Requested("a", overTcp: false);
        Assert.Contains("source_canonical_service=\"shop\",source_canonical_revision=\"unknown\"} 1\n", await ScrapeAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public void Requested_KnownLabels_AllocatesNothing()
    {
        DnsSource source = Take("shop");
        source.Requested("a", overTcp: false);
        long before = GC.GetAllocatedBytesForCurrentThread();

        for (int i = 0; i < 1000; i++)
        {
            source.Requested("a", overTcp: false);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 999); // less than a byte each
    }

    private DnsSource Take(string service) => _metrics.Take(new TrafficPeer { CanonicalService = service });

    private async Task<string> ScrapeAsync()
    {
        using MemoryStream output = new();
        await MetricsExposition.WriteAsync(_set, ExpositionText.OpenMetrics, output, CancellationToken.None);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
