namespace Ztunnel.Config;

/// <summary>How pods of this node are served in shared mode.</summary>
internal sealed record InPodOptions
{
    /// <summary>The node agent's socket (<c>INPOD_UDS</c>).</summary>
    public string SocketPath { get; init; } = "/var/run/ztunnel/ztunnel.sock";

    /// <summary>
    /// SO_REUSEPORT on the listeners in pods (<c>INPOD_PORT_REUSE</c>), so that two instances overlap during an
    /// upgrade.
    /// </summary>
    public bool PortReuse { get; init; } = true;

    /// <summary>
    /// Dial application tunnels with PROXY protocol on loopback (<c>LOCALHOST_APP_TUNNEL</c>) rather than on the
    /// pod's address.
    /// </summary>
    public bool LocalhostAppTunnel { get; init; } = true;

    public static InPodOptions From(EnvironmentReader env)
    {
        InPodOptions defaults = new();
        return new InPodOptions
        {
            SocketPath = env.Text("INPOD_UDS") ?? defaults.SocketPath,
            PortReuse = env.Bool("INPOD_PORT_REUSE") ?? defaults.PortReuse,
            LocalhostAppTunnel = env.Bool("LOCALHOST_APP_TUNNEL") ?? defaults.LocalhostAppTunnel,
        };
    }
}
