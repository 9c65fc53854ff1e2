using Ztunnel.Config;
using Ztunnel.Hbone;

namespace Ztunnel.Proxy.Tunnels;

/// <summary>The engine's limits as configured: one object for all connections of the process.</summary>
internal static class TunnelLimits
{
    private static Http2Options? s_options;
    private static TunnelOptions? s_source;

    public static Http2Options From(TunnelOptions source)
    {
        if (!ReferenceEquals(s_source, source))
        {
            s_options = new Http2Options
            {
                StreamWindow = source.StreamWindow,
                ConnectionWindow = source.ConnectionWindow,
                MaxFrameSize = source.FrameSize,
                MaxConcurrentStreams = source.MaxConcurrentStreams,
            };
            s_source = source;
        }

        return s_options!;
    }
}
