namespace Ztunnel.Telemetry;

/// <summary>Which families there are, and how long those of the dead stay.</summary>
internal sealed record MetricOptions
{
    /// <summary>
    /// How long the series of a deleted workload stay after its last connection. Shorter than a few scrape intervals,
    /// and the last bytes of a pod are never seen.
    /// </summary>
    public TimeSpan EvictionGrace { get; init; } = TimeSpan.FromMinutes(5);

    public bool IsDnsProxyOn { get; init; } = true;
}
