using Ztunnel.Linux;

namespace Ztunnel.Config;

/// <summary>What this process listens on. The data-plane ports are the mesh's contract and have no variable.</summary>
internal sealed record ListenOptions
{
    /// <summary>Bind dual-stack wildcards (<c>IPV6_ENABLED</c>); false binds <c>0.0.0.0</c>.</summary>
    public bool IPv6 { get; init; } = true;

    /// <summary>HBONE, on the pod's address.</summary>
    public ushort InboundPort { get; init; } = 15008;

    /// <summary>Captured plaintext towards the pod.</summary>
    public ushort InboundPlaintextPort { get; init; } = 15006;

    /// <summary>Captured traffic out of the pod.</summary>
    public ushort OutboundPort { get; init; } = 15001;

    /// <summary>SOCKS5 on loopback (<c>UNSTABLE_ENABLE_SOCKS5</c>); null: off.</summary>
    public ushort? Socks5Port { get; init; }

    /// <summary>Admin on localhost (<c>proxyAdminPort</c>).</summary>
    public ushort AdminPort { get; init; } = 15000;

    /// <summary>Metrics (<c>statsPort</c>).</summary>
    public ushort StatsPort { get; init; } = 15020;

    public ushort ReadinessPort { get; init; } = 15021;

    /// <summary>Wildcard for listeners that everybody may reach.</summary>
    public InetAddress Wildcard => IPv6 ? InetAddress.AnyV6 : InetAddress.AnyV4;

    /// <summary>Ports that no proxied connection may end on.</summary>
    public ForbiddenPorts Forbidden => Socks5Port is { } socks
        ? new ForbiddenPorts(InboundPort, InboundPlaintextPort, OutboundPort, socks)
        : new ForbiddenPorts(InboundPort, InboundPlaintextPort, OutboundPort);

    public static ListenOptions From(EnvironmentReader env, ProxyConfigDocument document)
    {
        ListenOptions defaults = new();
        return new ListenOptions
        {
            IPv6 = env.Bool("IPV6_ENABLED") ?? defaults.IPv6,
            Socks5Port = env.Bool("UNSTABLE_ENABLE_SOCKS5") ?? false ? 15080 : null,
            AdminPort = document.ProxyAdminPort ?? defaults.AdminPort,
            StatsPort = document.StatsPort ?? defaults.StatsPort,
        };
    }
}
