namespace Ztunnel.Proxy.Tunnels;

/// <summary>The texts of <see cref="TunnelEnd"/>.</summary>
internal static class TunnelEnds
{
    private static readonly string[] s_labels =
    [
        "peer_closed", "finished", "handshake_failed", "handshake_timeout", "protocol_error", "abuse",
        "keepalive_timeout", "io_error", "revoked", "aborted",
    ];

    public static int Count => s_labels.Length;

    public static string Label(this TunnelEnd end) => s_labels[(int)end];
}
