using Ztunnel.Identity;
using Ztunnel.Linux;

namespace Ztunnel.State;

/// <summary>Where one captured connection goes and whom it must meet there.</summary>
internal sealed record OutboundRoute
{
    public required RouteKind Kind { get; init; }

    /// <summary>
    /// The next TCP hop. While <see cref="ResolveHostname"/> is set only its port counts: resolve the name, then go on
    /// with <see cref="Resolved"/>.
    /// </summary>
    public required InetEndpoint Target { get; init; }

    /// <summary>The destination has no address, only this name; null otherwise.</summary>
    public string? ResolveHostname { get; init; }

    /// <summary>Prefer IPv6 among the resolved addresses: the connection asked for an IPv6 address.</summary>
    public bool PrefersV6 { get; init; }

    /// <summary><c>:authority</c> of the CONNECT (of both, for two tunnels); null for plain TCP, and until resolved.</summary>
    public string? Authority { get; init; }

    /// <summary>Whom the (outer) tunnel may end at; empty never verifies.</summary>
    public SpiffeId[] ExpectedIdentities { get; init; } = [];

    /// <summary>Whom the inner of two tunnels may end at; empty never verifies.</summary>
    public SpiffeId[] InnerIdentities { get; init; } = [];

    /// <summary>The next hop, as logs and metrics name it: a waypoint or gateway rather than what is behind it.</summary>
    public Workload? Destination { get; init; }

    /// <summary>The service the client addressed.</summary>
    public Service? Service { get; init; }

    /// <summary>Whose failure it is when nobody answers; null for what the mesh does not know.</summary>
    public EndpointKey? NextHop => Destination is null ? null : new EndpointKey(Destination.Uid, TargetPort);

    /// <summary>The endpoint on the other network that the gateway is for; null on this one.</summary>
    public EndpointKey? Beyond => Remote is null ? null : new EndpointKey(Remote.Uid, RemotePort);

    /// <summary>A waypoint or gateway: what it answers may be about whatever is behind it.</summary>
    public bool IsIntermediary { get; init; }

    /// <summary>It was chosen among endpoints: asked again, the answer may be another.</summary>
    public bool IsOneOfSeveral { get; init; }

    /// <summary>The destination workload's own port; differs from the TCP port where a tunnel carries it.</summary>
    internal ushort TargetPort { get; init; }

    /// <summary>See <see cref="Beyond"/>.</summary>
    internal Workload? Remote { get; init; }

    /// <inheritdoc cref="Remote"/>
    internal ushort RemotePort { get; init; }

    /// <summary>The same route to an address that <see cref="ResolveHostname"/> resolved to.</summary>
    public OutboundRoute Resolved(InetAddress address) => this with
    {
        Target = new InetEndpoint(address, Target.Port),
        ResolveHostname = null,
        Authority = Kind == RouteKind.Hbone ? Authority ?? new InetEndpoint(address, TargetPort).ToString() : Authority,
    };
}
