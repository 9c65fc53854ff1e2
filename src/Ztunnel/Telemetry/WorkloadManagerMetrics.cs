using Prometheus;

namespace Ztunnel.Telemetry;

/// <summary>Pods of this node (shared mode).</summary>
internal sealed class WorkloadManagerMetrics(MetricSet set)
{
    private readonly Gauge _active = set.Factory.CreateGauge(
        "workload_manager_active_proxy_count", "The total number current workloads with active proxies (unstable).");

    private readonly Gauge _pending = set.Factory.CreateGauge(
        "workload_manager_pending_proxy_count", "The total number current workloads with pending proxies (unstable).");

    private readonly Counter _started = set.Factory.CreateCounter(
        "workload_manager_proxies_started_total", "The total number of proxies that were started (unstable).");

    private readonly Counter _stopped = set.Factory.CreateCounter(
        "workload_manager_proxies_stopped_total", "The total number of proxies that were stopped (unstable).");

    public void ProxyStarted() => _started.Inc();

    public void ProxyStopped() => _stopped.Inc();

    /// <summary>Pods with a running proxy, and pods that wait for theirs.</summary>
    public void Proxies(int active, int pending)
    {
        _active.Set(active);
        _pending.Set(pending);
    }
}
