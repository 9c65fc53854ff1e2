namespace Ztunnel.Telemetry;

/// <summary>Endpoints that did not answer, and what was done about it.</summary>
internal sealed class EndpointMetrics(MetricSet set)
{
    /// <summary>One for each further endpoint that a connection tried.</summary>
    public WorkerCounter Retries { get; } = set.Counter(
        "ztunnel_endpoint_retries_total", "Connections that tried another endpoint because one did not take them.");

    /// <summary>Of each pod and worker by itself: who may not reach an endpoint must not keep others from it.</summary>
    public WorkerCounter Avoided { get; } = set.Gauge(
        "ztunnel_endpoints_avoided", "Endpoints left alone because a connect failed lately, summed over pods and workers.");
}
