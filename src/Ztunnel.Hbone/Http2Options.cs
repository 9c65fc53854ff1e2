namespace Ztunnel.Hbone;

/// <summary>Limits of one HTTP/2 connection; shared by all connections of a role.</summary>
public sealed record Http2Options
{
    /// <summary>Bytes one stream may have in flight towards us (<c>HTTP2_STREAM_WINDOW_SIZE</c>).</summary>
    public int StreamWindow { get; init; } = 4 * 1024 * 1024;

    /// <summary>
    /// Bytes all streams together may have in flight towards us (<c>HTTP2_CONNECTION_WINDOW_SIZE</c>). Larger than
    /// <see cref="StreamWindow"/>, or one stream nobody reads would hold the whole connection still.
    /// </summary>
    public int ConnectionWindow { get; init; } = 16 * 1024 * 1024;

    /// <summary>Largest frame we accept (<c>HTTP2_FRAME_SIZE</c>).</summary>
    public int MaxFrameSize { get; init; } = 1024 * 1024;

    /// <summary>Streams a client may have open on us.</summary>
    public int MaxConcurrentStreams { get; init; } = 200;

    /// <summary>Largest request header list; above it the answer is 431.</summary>
    public int MaxRequestHeaderList { get; init; } = 65_536;

    /// <summary>Largest response header list; above it the stream is reset.</summary>
    public int MaxResponseHeaderList { get; init; } = 16_384;

    /// <summary>From the last PONG (or the start) to the next PING.</summary>
    public TimeSpan KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Without PONG for this long the connection is dead.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(20);

    public AbuseLimits Abuse { get; init; } = new();
}
