using Prometheus;

namespace Ztunnel.Telemetry;

/// <summary>The DNS proxy. Made only where it is on: its families are absent otherwise.</summary>
internal sealed class DnsMetrics
{
    private static readonly string[] s_labels =
        ["request_query_type", "request_protocol", "source_canonical_service", "source_canonical_revision"];

    private readonly Counter _requests;
    private readonly Counter _forwarded;
    private readonly Counter _failures;
    private readonly Histogram _duration;

    public DnsMetrics(MetricSet set)
    {
        _requests = set.Factory.CreateCounter(
            "istio_dns_requests_total", "Total number of DNS requests (unstable).", s_labels);
        _forwarded = set.Factory.CreateCounter(
            "istio_dns_upstream_requests_total",
            "Total number of DNS requests forwarded to upstream (unstable).", s_labels);
        _failures = set.Factory.CreateCounter(
            "istio_dns_upstream_failures_total",
            "Total number of DNS requests that failed to forward upstream (unstable).", s_labels);
        _duration = set.Factory.CreateHistogram(
            "istio_dns_upstream_request_duration_seconds",
            "Total time in seconds Istio takes to get DNS response from upstream (unstable).",
            s_labels, new HistogramConfiguration { Buckets = [0.0005, 0.001, 0.01, 0.1, 1, 5] });
        set.Units["istio_dns_upstream_request_duration_seconds"] = "seconds";
    }

    /// <param name="queryType">Lower case; <c>unknown</c> when the request could not be parsed.</param>
    public void Requested(string queryType, bool overTcp, TrafficPeer source) =>
        _requests.WithLabels(Values(queryType, overTcp, source)).Inc();

    public void Forwarded(string queryType, bool overTcp, TrafficPeer source, TimeSpan took, bool failed)
    {
        string[] values = Values(queryType, overTcp, source);
        _forwarded.WithLabels(values).Inc();
        _duration.WithLabels(values).Observe(took.TotalSeconds);
        if (failed)
        {
            _failures.WithLabels(values).Inc();
        }
    }

    private static string[] Values(string queryType, bool overTcp, TrafficPeer source) =>
        [queryType, overTcp ? "tcp" : "udp", source.CanonicalService, source.CanonicalRevision];
}
