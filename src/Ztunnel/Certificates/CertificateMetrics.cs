using Ztunnel.Telemetry;

namespace Ztunnel.Certificates;

/// <summary>State of the node's certificates, read from the store at every scrape.</summary>
internal sealed class CertificateMetrics
{
    private const string Unstable = "(unstable)";

    public CertificateMetrics(MetricSet metrics, ICertificateSource store)
    {
        metrics.Gauge(
            "ztunnel_certificates_available",
            $"Identities with a valid certificate {Unstable}",
            () => store.List().Count(static status => status.Certificate is not null));
        metrics.Gauge(
            "ztunnel_certificates_missing",
            $"Identities without a certificate: asked for, or refused by the CA {Unstable}",
            () => store.List().Count(static status => status.Certificate is null));
        metrics.Gauge(
            "ztunnel_certificates_earliest_expiry_timestamp_seconds",
            $"When the first of the certificates in use expires, in seconds since 1970; 0 if there is none {Unstable}",
            () => EarliestExpiry(store));
        metrics.Counter(
            "ztunnel_certificate_requests_succeeded_total",
            $"Certificate requests answered with a usable certificate {Unstable}",
            () => store.Issued);
        metrics.Counter(
            "ztunnel_certificate_requests_failed_total",
            $"Certificate requests that failed {Unstable}",
            () => store.Failed);
    }

    private static double EarliestExpiry(ICertificateSource store) => store.List()
        .Where(static status => status.Certificate is not null)
        .Select(static status => status.Certificate!.NotAfter.ToUnixTimeSeconds())
        .DefaultIfEmpty(0)
        .Min();
}
