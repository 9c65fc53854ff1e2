namespace Ztunnel.Config;

/// <summary>Limits of the HBONE connections this proxy opens and accepts.</summary>
internal sealed record TunnelOptions
{
    private const int LargestWindow = int.MaxValue; // RFC 9113 §6.9.1
    private const int SmallestFrame = 16_384; // RFC 9113 §6.5.2
    private const int LargestFrame = 16_777_215;

    /// <summary>Bytes one stream may have in flight (<c>HTTP2_STREAM_WINDOW_SIZE</c>).</summary>
    public int StreamWindow { get; init; } = 4 * 1024 * 1024;

    /// <summary>
    /// Bytes all streams together may have in flight (<c>HTTP2_CONNECTION_WINDOW_SIZE</c>). At least
    /// <see cref="StreamWindow"/>; larger, or one stream nobody reads holds the whole connection still.
    /// </summary>
    public int ConnectionWindow { get; init; } = 16 * 1024 * 1024;

    /// <summary>Largest frame a peer may send (<c>HTTP2_FRAME_SIZE</c>).</summary>
    public int FrameSize { get; init; } = 1024 * 1024;

    /// <summary>Streams a peer may have open on one connection (<c>ZTUNNEL_MAX_CONCURRENT_STREAMS</c>).</summary>
    public int MaxConcurrentStreams { get; init; } = 200;

    /// <summary>
    /// Tell peers who answered and believe what they say about themselves, for telemetry only
    /// (<c>ENABLE_RESPONSE_BAGGAGE</c>).
    /// </summary>
    public bool UsesBaggage { get; init; } = true;

    public static TunnelOptions From(EnvironmentReader env)
    {
        TunnelOptions defaults = new();
        return new TunnelOptions
        {
            StreamWindow = Window(env, "HTTP2_STREAM_WINDOW_SIZE") ?? defaults.StreamWindow,
            ConnectionWindow = Window(env, "HTTP2_CONNECTION_WINDOW_SIZE") ?? defaults.ConnectionWindow,
            FrameSize = Frame(env, "HTTP2_FRAME_SIZE") ?? defaults.FrameSize,
            MaxConcurrentStreams = env.Positive("ZTUNNEL_MAX_CONCURRENT_STREAMS") ?? defaults.MaxConcurrentStreams,
            UsesBaggage = env.Bool("ENABLE_RESPONSE_BAGGAGE") ?? defaults.UsesBaggage,
        };
    }

    private static int? Window(EnvironmentReader env, string name) => env.UInt32(name) switch
    {
        null => null,
        0 or > LargestWindow => throw ConfigException.BadVariable(name, env.Text(name)!, $"must be from 1 to {LargestWindow}"),
        { } size => (int)size,
    };

    private static int? Frame(EnvironmentReader env, string name) => env.UInt32(name) switch
    {
        null => null,
        < SmallestFrame or > LargestFrame =>
            throw ConfigException.BadVariable(name, env.Text(name)!, $"must be from {SmallestFrame} to {LargestFrame}"),
        { } size => (int)size,
    };
}
