namespace Ztunnel.Config;

/// <summary>How tunnels are shared between connections to the same peer.</summary>
internal sealed record PoolOptions
{
    /// <summary>Streams on one tunnel before a second one is opened (<c>POOL_MAX_STREAMS_PER_CONNECTION</c>).</summary>
    public int MaxStreamsPerConnection { get; init; } = 100;

    /// <summary>How long a tunnel without streams stays open (<c>POOL_UNUSED_RELEASE_TIMEOUT</c>).</summary>
    public TimeSpan UnusedReleaseTimeout { get; init; } = TimeSpan.FromMinutes(5);

    public static PoolOptions From(EnvironmentReader env)
    {
        PoolOptions defaults = new();
        return new PoolOptions
        {
            MaxStreamsPerConnection = env.UInt16("POOL_MAX_STREAMS_PER_CONNECTION") switch
            {
                null => defaults.MaxStreamsPerConnection,
                0 => throw ConfigException.BadVariable("POOL_MAX_STREAMS_PER_CONNECTION", "0", "must be positive"),
                { } streams => streams,
            },
            UnusedReleaseTimeout = env.Duration("POOL_UNUSED_RELEASE_TIMEOUT") ?? defaults.UnusedReleaseTimeout,
        };
    }
}
