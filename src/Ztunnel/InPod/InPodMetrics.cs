using Ztunnel.Telemetry;

namespace Ztunnel.InPod;

/// <summary>The in-pod families; without <c>istio_</c> in front, as dashboards know them.</summary>
internal sealed class InPodMetrics
{
    public InPodMetrics(MetricSet metrics, PodRegistry pods)
    {
        metrics.Gauge(
            "workload_manager_active_proxy_count",
            "The total number current workloads with active proxies (unstable).",
            () => pods.ActiveCount);
        metrics.Gauge(
            "workload_manager_pending_proxy_count",
            "The total number current workloads with pending proxies (unstable).",
            () => pods.PendingCount);
        metrics.Counter(
            "workload_manager_proxies_started_total",
            "The total number of proxies that were started (unstable).",
            () => pods.Started);
        metrics.Counter(
            "workload_manager_proxies_stopped_total",
            "The total number of proxies that were stopped (unstable).",
            () => pods.Stopped);
    }
}
