namespace Ztunnel.Config;

/// <summary>How long is waited for peers at each stage. Ours: the reference waits forever at most of them.</summary>
internal sealed record DeadlineOptions
{
    /// <summary>TLS handshake, either side, and the peer's HTTP/2 preface after it (<c>ZTUNNEL_HANDSHAKE_TIMEOUT</c>).</summary>
    public TimeSpan Handshake { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>TCP connect, towards peers and applications (<c>ZTUNNEL_CONNECT_TIMEOUT</c>).</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// From our CONNECT request to its answer (<c>ZTUNNEL_CONNECT_RESPONSE_TIMEOUT</c>). More than
    /// <see cref="Connect"/>, which the peer may need for itself.
    /// </summary>
    public TimeSpan ConnectResponse { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// A connection of which one direction has ended and the other carries nothing for this long is closed
    /// (<c>ZTUNNEL_HALF_CLOSED_TIMEOUT</c>).
    /// </summary>
    public TimeSpan HalfClosed { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long the proxied workload itself may be unknown (<c>ZTUNNEL_WORKLOAD_TIMEOUT</c>).</summary>
    public TimeSpan Workload { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the series of a deleted pod stay on the metrics page (<c>ZTUNNEL_METRICS_GRACE</c>).</summary>
    public TimeSpan MetricsGrace { get; init; } = TimeSpan.FromMinutes(5);

    public static DeadlineOptions From(EnvironmentReader env)
    {
        DeadlineOptions defaults = new();
        return new DeadlineOptions
        {
            Handshake = env.Timeout("ZTUNNEL_HANDSHAKE_TIMEOUT") ?? defaults.Handshake,
            Connect = env.Timeout("ZTUNNEL_CONNECT_TIMEOUT") ?? defaults.Connect,
            ConnectResponse = env.Timeout("ZTUNNEL_CONNECT_RESPONSE_TIMEOUT") ?? defaults.ConnectResponse,
            HalfClosed = env.Timeout("ZTUNNEL_HALF_CLOSED_TIMEOUT") ?? defaults.HalfClosed,
            Workload = env.Timeout("ZTUNNEL_WORKLOAD_TIMEOUT") ?? defaults.Workload,
            MetricsGrace = env.Timeout("ZTUNNEL_METRICS_GRACE") ?? defaults.MetricsGrace,
        };
    }
}
