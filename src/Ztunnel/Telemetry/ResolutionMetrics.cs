using Prometheus;

namespace Ztunnel.Telemetry;

/// <summary>Workloads that have a hostname instead of addresses: each connection to one asks the resolver.</summary>
internal sealed class ResolutionMetrics(MetricSet set)
{
    private readonly Counter _requests = set.Factory.CreateCounter(
        "istio_on_demand_dns_total", "The total number of requests that used on-demand DNS (unstable).",
        [
            "source_workload", "source_canonical_service", "source_canonical_revision", "source_workload_namespace",
            "source_principal", "source_app", "source_version", "source_cluster", "hostname",
        ]);

    /// <param name="source">With its principal, whatever the connection's own policy will be.</param>
    public void Requested(TrafficPeer source, string hostname) => _requests.WithLabels(
        source.Workload, source.CanonicalService, source.CanonicalRevision, source.Namespace,
        source.Principal, source.App, source.Version, source.Cluster, hostname).Inc();
}
