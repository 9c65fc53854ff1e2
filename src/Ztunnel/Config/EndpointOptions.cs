namespace Ztunnel.Config;

/// <summary>What becomes of a connection whose endpoint does not answer. Ours: the reference gives up.</summary>
internal sealed record EndpointOptions
{
    /// <summary>
    /// Other endpoints that are tried, one after the other, before the connection fails
    /// (<c>ZTUNNEL_CONNECT_RETRIES</c>); 0 switches it off.
    /// </summary>
    public int ConnectRetries { get; init; } = 2;

    /// <summary>An endpoint that just failed is left alone for a while (<c>ZTUNNEL_ENDPOINT_AVOIDANCE</c>).</summary>
    public bool AvoidsFailed { get; init; } = true;

    public static EndpointOptions From(EnvironmentReader env)
    {
        EndpointOptions defaults = new();
        return new EndpointOptions
        {
            ConnectRetries = env.UInt16("ZTUNNEL_CONNECT_RETRIES") ?? defaults.ConnectRetries,
            AvoidsFailed = env.Bool("ZTUNNEL_ENDPOINT_AVOIDANCE") ?? defaults.AvoidsFailed,
        };
    }
}
