namespace Ztunnel.Telemetry;

/// <summary>
/// The metrics several rooms count, by subject. What a single room counts it adds to the <see cref="Set"/> itself.
/// </summary>
internal sealed class ZtunnelMetrics
{
    public ZtunnelMetrics(MetricSet set, string istioVersion, MetricOptions options, TimeProvider time)
    {
        Set = set;
        set.Factory.CreateGauge("istio_build", "Istio component build info.", ["component", "tag"])
            .WithLabels("ztunnel", istioVersion).Set(1);
        Traffic = new TrafficMetrics(set, options.EvictionGrace, time);
        Resolution = new ResolutionMetrics(set);
        Revocation = new RevocationMetrics(set);
        Xds = new XdsMetrics(set);
        Dns = options.IsDnsProxyOn ? new DnsMetrics(set, options.EvictionGrace, time) : null;
        Tunnels = new TunnelMetrics(set);
        Endpoints = new EndpointMetrics(set);
    }

    public MetricSet Set { get; }

    public TrafficMetrics Traffic { get; }

    public ResolutionMetrics Resolution { get; }

    public RevocationMetrics Revocation { get; }

    public XdsMetrics Xds { get; }

    /// <summary>Null while the DNS proxy is off.</summary>
    public DnsMetrics? Dns { get; }

    public TunnelMetrics Tunnels { get; }

    public EndpointMetrics Endpoints { get; }

    /// <summary>Process, garbage collector, workers and log: what only the process as a whole can say.</summary>
    public void AddProcess(
        Func<long> maxDescriptors, Func<IReadOnlyList<WorkerFigures>> workers, LogWriter log, TimeProvider time)
    {
        _ = new ProcessMetrics(Set, maxDescriptors, time);
        _ = new WorkerMetrics(Set, workers);
        _ = new LogMetrics(Set, log);
    }
}
