namespace Ztunnel.Telemetry;

/// <summary>The two texts a scrape can be written in.</summary>
internal enum ExpositionText
{
    /// <summary>OpenMetrics 1.0, what the contract asks for whatever a client accepts.</summary>
    OpenMetrics,

    /// <summary>The older Prometheus text, for tools that read nothing else (<c>promtool check metrics</c>).</summary>
    Prometheus,
}
