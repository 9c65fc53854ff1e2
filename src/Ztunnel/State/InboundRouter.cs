using Ztunnel.Config;
using Ztunnel.Linux;

namespace Ztunnel.State;

/// <summary>
/// Decides whether a CONNECT request belongs to the pod it reached, and to which of its ports it goes. No I/O.
/// </summary>
/// <param name="network">This node's network (<c>NETWORK</c>).</param>
internal sealed class InboundRouter(string network, ForbiddenPorts forbidden)
{
    public const string SelfCall = OutboundRouter.SelfCall;

    /// <param name="workload">The workload this proxy serves.</param>
    /// <param name="local">The address at which the connection reached the pod, canonical.</param>
    public InboundDecision Select(MeshSnapshot mesh, Workload workload, InetAddress local, in InboundAuthority authority)
    {
        if (authority.Hostname is null && !BelongsHere(mesh, workload, local, authority.Endpoint.Address))
        {
            return InboundDecision.BadRequest($"ip mismatch: {local} != {authority.Endpoint.Address}");
        }

        Service? named = null;
        ushort port = authority.Port;
        if (authority.Hostname is { } hostname)
        {
            named = mesh.Services.Find(hostname, workload.Namespace);
            if (named is null)
            {
                return InboundDecision.Unavailable($"no service or workload for hostname: {hostname}");
            }

            port = TargetPort(mesh, workload, named, authority.Port);
            if (port == 0)
            {
                return InboundDecision.Unavailable($"requested service {authority} found, but cannot resolve port");
            }
        }

        // Before the tunnel's port is put in place: what the peer asked for counts.
        return forbidden.Contains(port)
            ? InboundDecision.Unavailable(SelfCall)
            : Tunnelled(workload, local, port, in authority, named);
    }

    /// <summary>
    /// The service a connection is reported under: the one the client says it asked for, else the first that has
    /// the port.
    /// </summary>
    /// <param name="forwardedHost">The <c>host</c> of the request's Forwarded header, or null.</param>
    /// <param name="port">The application's real port.</param>
    public static Service? GuessService(
        MeshSnapshot mesh, Workload workload, Service? named, string? forwardedHost, ushort port)
    {
        if (named is not null)
        {
            return named.Hostname == forwardedHost || Serves(mesh, workload, named, port) ? named : null;
        }

        Service? byPort = null;
        foreach (WorkloadService served in workload.Services)
        {
            if (mesh.FindService(served.Name) is not { } service)
            {
                continue;
            }

            if (forwardedHost is not null && service.Hostname == forwardedHost)
            {
                return service;
            }

            byPort ??= Serves(mesh, workload, service, port) ? service : null;
        }

        return byPort;
    }

    private InboundDecision Tunnelled(
        Workload workload, InetAddress local, ushort port, in InboundAuthority authority, Service? named)
    {
        if (workload.ApplicationTunnel is not { } tunnel)
        {
            return new InboundRoute(new InetEndpoint(local, port), false, default, named);
        }

        var target = new InetEndpoint(local, tunnel.Port ?? port);
        if (tunnel.Protocol != ApplicationTunnelProtocol.Proxy)
        {
            return new InboundRoute(target, false, default, named);
        }

        if (named is null)
        {
            return new InboundRoute(target, true, authority.Endpoint, null);
        }

        return BestVip(named) is { } vip
            ? new InboundRoute(target, true, new InetEndpoint(vip, authority.Port), named)
            : InboundDecision.Unavailable($"requested service {named.Hostname} found, but has no IP addresses");
    }

    private bool BelongsHere(MeshSnapshot mesh, Workload workload, InetAddress local, InetAddress wanted)
    {
        if (wanted == local || workload.ApplicationTunnel is not null)
        {
            return true;
        }

        // A waypoint behind a proxy of its own: requests carry the address of what the waypoint stands before.
        Destination asked = Destination.Classify(mesh, new NetworkAddress(network, wanted), clientNamespace: null);
        if (asked.Workload is { Waypoint: { } ofWorkload })
        {
            return IsWaypoint(mesh, ofWorkload, workload, local);
        }

        if (asked.Service is not { } service)
        {
            return false;
        }

        if (service.Waypoint is { } ofService && IsWaypoint(mesh, ofService, workload, local))
        {
            return true;
        }

        foreach (WeightedWaypoint weighted in service.WeightedWaypoints)
        {
            if (weighted.Weight > 0 && IsWaypoint(mesh, weighted.Destination, workload, local))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsWaypoint(MeshSnapshot mesh, GatewayAddress reference, Workload workload, InetAddress local)
    {
        Destination waypoint = Destination.Of(mesh, reference);
        return waypoint.Service is { } service
            ? EndpointOf(mesh, service, workload) is not null
            : waypoint.Workload is { } named && named.HasAddress(local);
    }

    // 0: the service has no such port, or a named one that this workload does not resolve.
    private static ushort TargetPort(MeshSnapshot mesh, Workload workload, Service service, ushort servicePort)
    {
        if (EndpointOf(mesh, service, workload) is { } endpoint && endpoint.Ports.TryGetTarget(servicePort, out ushort own))
        {
            return own;
        }

        return service.Ports.TryGetTarget(servicePort, out ushort common) ? common : (ushort)0;
    }

    private static bool Serves(MeshSnapshot mesh, Workload workload, Service service, ushort port) =>
        service.Ports.HasTarget(port) || EndpointOf(mesh, service, workload) is { } endpoint && endpoint.Ports.HasTarget(port);

    // An endpoint that the service does not use for its health is none.
    private static Endpoint? EndpointOf(MeshSnapshot mesh, Service service, Workload workload) =>
        mesh.EndpointsOf(service).Find(workload.Uid) is { } endpoint && endpoint.MayServe(service) ? endpoint : null;

    // Own network before others, IPv4 before IPv6 within it; the last of equals.
    private InetAddress? BestVip(Service service)
    {
        InetAddress? best = null;
        int bestRank = -1;
        foreach (NetworkAddress vip in service.Vips)
        {
            int rank = vip.Network != network ? 0 : vip.Address.IsV6 ? 1 : 2;
            if (rank >= bestRank)
            {
                (best, bestRank) = (vip.Address, rank);
            }
        }

        return best;
    }
}
