using Prometheus;

namespace Ztunnel.Telemetry;

/// <summary>The DNS proxy. Made only where it is on: its families are absent otherwise.</summary>
internal sealed class DnsMetrics
{
    private static readonly string[] s_labels =
        ["request_query_type", "request_protocol", "source_canonical_service", "source_canonical_revision"];

    private readonly Dictionary<(string Service, string Revision), DnsSource> _sources = [];
    private readonly Lock _changing = new();
    private readonly TimeSpan _grace;
    private readonly TimeProvider _time;
    private readonly Counter _requests;
    private readonly Counter _forwarded;
    private readonly Counter _failures;
    private readonly Histogram _duration;

    /// <param name="grace">How long series stay when the last pod that counted in them is gone.</param>
    public DnsMetrics(MetricSet set, TimeSpan grace, TimeProvider time)
    {
        (_grace, _time) = (grace, time);
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
        Limits = new DnsLimitMetrics(set);
        set.BeforeCollect(Collect);
    }

    public DnsLimitMetrics Limits { get; }

    /// <summary>
    /// The series of a pod's service and revision. Whoever takes one gives it back (<see cref="Release"/>).
    /// </summary>
    public DnsSource Take(TrafficPeer source)
    {
        lock (_changing)
        {
            (string, string) key = (source.CanonicalService, source.CanonicalRevision);
            if (!_sources.TryGetValue(key, out DnsSource? known))
            {
                known = new DnsSource(this, source.CanonicalService, source.CanonicalRevision);
                _sources.Add(key, known);
            }

            known.Users++;
            return known;
        }
    }

    public void Release(DnsSource source)
    {
        lock (_changing)
        {
            source.Users--;
            source.GoneSince = _time.GetTimestamp();
        }
    }

    internal Histogram.Child DurationOf(DnsSource source, DnsSample sample) =>
        _duration.WithLabels(LabelsOf(source, sample));

    private static string[] LabelsOf(DnsSource source, DnsSample sample) =>
        [sample.QueryType, sample.IsOverTcp ? "tcp" : "udp", source.Service, source.Revision];

    private void Collect()
    {
        lock (_changing)
        {
            foreach (DnsSource source in _sources.Values)
            {
                Array.ForEach(source.Samples(), sample => Publish(sample, LabelsOf(source, sample)));
            }

            foreach (DnsSource gone in _sources.Values.Where(IsGone).ToArray())
            {
                _sources.Remove((gone.Service, gone.Revision));
                Array.ForEach(gone.Samples(), sample => Remove(LabelsOf(gone, sample)));
            }
        }
    }

    private bool IsGone(DnsSource source) => source.Users == 0 && _time.GetElapsedTime(source.GoneSince) >= _grace;

    private void Publish(DnsSample sample, string[] labels)
    {
        if (sample.Requests > 0)
        {
            _requests.WithLabels(labels).IncTo(sample.Requests);
        }

        if (sample.Forwarded > 0)
        {
            _forwarded.WithLabels(labels).IncTo(sample.Forwarded);
        }

        if (sample.Failures > 0)
        {
            _failures.WithLabels(labels).IncTo(sample.Failures);
        }
    }

    private void Remove(string[] labels)
    {
        _requests.RemoveLabelled(labels);
        _forwarded.RemoveLabelled(labels);
        _failures.RemoveLabelled(labels);
        _duration.RemoveLabelled(labels);
    }
}
