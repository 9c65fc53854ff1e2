namespace Ztunnel.Config;

/// <summary>Options of the TCP sockets.</summary>
internal sealed record SocketOptions
{
    /// <summary>TCP keepalive towards applications and on outgoing sockets (<c>KEEPALIVE_ENABLED</c>).</summary>
    public bool KeepAlive { get; init; } = true;

    /// <summary>Idle time before the first probe (<c>KEEPALIVE_TIME</c>).</summary>
    public TimeSpan KeepAliveTime { get; init; } = TimeSpan.FromSeconds(180);

    /// <summary><c>KEEPALIVE_INTERVAL</c>.</summary>
    public TimeSpan KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(180);

    /// <summary><c>KEEPALIVE_RETRIES</c>.</summary>
    public uint KeepAliveRetries { get; init; } = 9;

    /// <summary>Give up on unacknowledged data as fast as on a dead idle peer (<c>USER_TIMEOUT_ENABLED</c>).</summary>
    public bool UsesUserTimeout { get; init; }

    /// <summary>
    /// SO_MARK of every socket (<c>PACKET_MARK</c>), by which the redirect leaves the proxy's own traffic alone.
    /// Null: no mark.
    /// </summary>
    public uint? PacketMark { get; init; } = 1337;

    /// <summary>
    /// Keep clients' addresses (<c>ENABLE_ORIG_SRC</c>): true requires it, false never tries, null takes what the
    /// kernel grants.
    /// </summary>
    public bool? RequiresOriginalSource { get; init; }

    /// <summary>What TCP_USER_TIMEOUT is set to when it is used.</summary>
    public TimeSpan UserTimeout => KeepAliveTime + (KeepAliveRetries * KeepAliveInterval);

    public static SocketOptions From(EnvironmentReader env, ProxyMode mode)
    {
        SocketOptions defaults = new();
        return new SocketOptions
        {
            KeepAlive = env.Bool("KEEPALIVE_ENABLED") ?? defaults.KeepAlive,
            KeepAliveTime = env.Timeout("KEEPALIVE_TIME") ?? defaults.KeepAliveTime,
            KeepAliveInterval = env.Timeout("KEEPALIVE_INTERVAL") ?? defaults.KeepAliveInterval,
            KeepAliveRetries = env.UInt32("KEEPALIVE_RETRIES") ?? defaults.KeepAliveRetries,
            UsesUserTimeout = env.Bool("USER_TIMEOUT_ENABLED") ?? defaults.UsesUserTimeout,
            PacketMark = env.UInt32("PACKET_MARK") ?? (mode == ProxyMode.Shared ? defaults.PacketMark : null),
            RequiresOriginalSource = env.Bool("ENABLE_ORIG_SRC"),
        };
    }
}
