using Ztunnel.Config;
using Ztunnel.Linux;

namespace Ztunnel.State;

/// <summary>
/// Decides where a captured connection goes: to the mesh by one tunnel or two, to a waypoint first, or out as it came.
/// No I/O: names that must be resolved are handed back.
/// </summary>
/// <param name="network">This node's network (<c>NETWORK</c>).</param>
/// <param name="inboundPort">Where peers' proxies accept HBONE: the same as our own.</param>
internal sealed class OutboundRouter(string network, ushort inboundPort, ForbiddenPorts forbidden, Random random)
{
    public const string SelfCall = "attempted recursive call to ourselves";

    private readonly EndpointSelector _selector = new(random);

    /// <summary>The first check, before the workload of the caller is even known.</summary>
    public bool IsSelfCall(InetEndpoint target) => target.Address.IsLoopback && forbidden.Contains(target.Port);

    /// <summary>
    /// As the mesh is now. Health changes under the look at a snapshot, which could miss what is near, encrypted or there at
    /// all: it counts only if no batch came meanwhile, since until the next one is visible what was healthy stays so.
    /// </summary>
    /// <inheritdoc cref="Select(MeshSnapshot, Workload, InetAddress, InetEndpoint, in EndpointDoubts)"/>
    public OutboundDecision Select(
        MeshState state, Workload source, InetAddress client, InetEndpoint target, in EndpointDoubts doubts = default)
    {
        MeshSnapshot mesh;
        OutboundDecision decision;
        do
        {
            mesh = state.Current;
            decision = Select(mesh, source, client, target, in doubts);
        }
        while (!ReferenceEquals(mesh, state.Current));

        return decision;
    }

    /// <param name="source">The workload this proxy serves.</param>
    /// <param name="client">The connection's own address, canonical.</param>
    /// <param name="target">The original destination, canonical.</param>
    /// <param name="doubts">Endpoints, waypoints and gateways to be left out while there are others.</param>
    public OutboundDecision Select(
        MeshSnapshot mesh, Workload source, InetAddress client, InetEndpoint target, in EndpointDoubts doubts = default)
    {
        var asked = new NetworkAddress(network, target.Address);
        Service? service = Destination.Classify(mesh, asked, source.Namespace).Service;
        var call = new OutboundCall(mesh, source, client, target, service) { Doubts = doubts };
        if (service is { HasWaypoint: true } && ChooseWaypoint(service) is { } waypoint)
        {
            return ThroughWaypoint(in call, waypoint, service);
        }

        var wanted = new NetworkAddress(source.Network, target.Address);
        if (FindUpstream(in call, wanted, target.Port, toWaypoint: false) is not { } upstream)
        {
            return service is null or { LoadBalancer.Mode: LoadBalancerMode.Passthrough }
                ? new OutboundRoute { Kind = RouteKind.Passthrough, Target = target }
                : OutboundDecision.Refused($"no healthy upstream: {target}");
        }

        if (upstream.Workload.Network != source.Network)
        {
            return service is null
                ? OutboundDecision.Refused($"no service for target address: {target}")
                : ThroughGateway(in call, service, upstream);
        }

        return service is null && upstream.Workload.Waypoint is { } own && !IsWaypoint(in call, own)
            ? ThroughWaypoint(in call, own, upstream.Service)
            : Direct(in call, upstream);
    }

    private GatewayAddress? ChooseWaypoint(Service service)
    {
        long total = 0;
        foreach (WeightedWaypoint waypoint in service.WeightedWaypoints)
        {
            total += waypoint.Weight;
        }

        if (total == 0)
        {
            return service.Waypoint;
        }

        long weight = random.NextInt64(total);
        foreach (WeightedWaypoint waypoint in service.WeightedWaypoints)
        {
            weight -= waypoint.Weight;
            if (weight < 0)
            {
                return waypoint.Destination;
            }
        }

        return service.Waypoint;
    }

    private OutboundDecision Direct(in OutboundCall call, Upstream upstream)
    {
        Workload workload = upstream.Workload;
        if (!SelectedAddress.TryFind(workload, upstream.Service, call.Target.Address, out SelectedAddress selected))
        {
            return NoDestination(workload);
        }

        bool isHbone = workload.Protocol == TunnelProtocol.Hbone;
        return new OutboundRoute
        {
            Kind = isHbone ? RouteKind.Hbone : RouteKind.Tcp,
            Target = new InetEndpoint(selected.Address, isHbone ? inboundPort : upstream.Port),
            ResolveHostname = selected.Hostname,
            PrefersV6 = call.Target.Address.IsV6,
            Authority = isHbone && selected.Hostname is null
                ? new InetEndpoint(selected.Address, upstream.Port).ToString()
                : null,
            ExpectedIdentities = isHbone ? upstream.ExpectedIdentities : [],
            Destination = workload,
            Service = upstream.Service,
            TargetPort = upstream.Port,
            IsOneOfSeveral = upstream.Endpoint is not null,
        };
    }

    private OutboundDecision ThroughWaypoint(in OutboundCall call, GatewayAddress reference, Service? service)
    {
        if (FindGateway(in call, reference, toWaypoint: true) is not { } waypoint)
        {
            return OutboundDecision.Refused($"unknown waypoint: waypoint {reference} not found");
        }

        if (call.Service is not null && waypoint.Workload.Network != call.Source.Network)
        {
            return ThroughGateway(in call, call.Service, waypoint);
        }

        return ThroughTunnel(
            in call, reference, waypoint, RouteKind.Hbone, call.Target.ToString(), service, beyond: null);
    }

    private OutboundDecision ThroughGateway(in OutboundCall call, Service service, Upstream upstream)
    {
        if (upstream.Workload.NetworkGateway is not { } reference)
        {
            return NoDestination(upstream.Workload);
        }

        if (FindGateway(in call, reference, toWaypoint: false) is not { } gateway)
        {
            return OutboundDecision.Refused($"unknown network gateway: network gateway {reference} not found");
        }

        string authority = $"{service.Hostname}:{call.Target.Port}";
        return ThroughTunnel(
            in call, reference, gateway, RouteKind.DoubleHbone, authority, service, beyond: upstream);
    }

    private static OutboundDecision ThroughTunnel(
        in OutboundCall call, GatewayAddress reference, Upstream gateway, RouteKind kind, string authority, Service? service,
        Upstream? beyond)
    {
        // A gateway named by address is asked for at that very address.
        InetAddress wanted = reference.Address?.Address ?? call.Target.Address;
        if (!SelectedAddress.TryFind(gateway.Workload, gateway.Service, wanted, out SelectedAddress selected))
        {
            return NoDestination(gateway.Workload);
        }

        return new OutboundRoute
        {
            Kind = kind,
            Target = new InetEndpoint(selected.Address, gateway.Port),
            ResolveHostname = selected.Hostname,
            PrefersV6 = wanted.IsV6,
            Authority = authority,
            ExpectedIdentities = gateway.ExpectedIdentities,
            InnerIdentities = beyond?.Service?.SubjectIdentities ?? [],
            Destination = gateway.Workload,
            Service = service,
            TargetPort = gateway.Port,
            Remote = beyond?.Workload,
            RemotePort = beyond?.Port ?? 0,
            IsIntermediary = true,
            IsOneOfSeveral = gateway.Endpoint is not null || beyond?.Endpoint is not null,
        };
    }

    // For connecting, a service goes before a workload: the reverse of classifying.
    private Upstream? FindUpstream(in OutboundCall call, NetworkAddress address, ushort port, bool toWaypoint)
    {
        if (call.Mesh.FindService(address, call.Source.Namespace) is { } service)
        {
            return service.LoadBalancer is { Mode: LoadBalancerMode.Passthrough }
                ? null
                : _selector.Select(call.Mesh, call.Source, service, port, toWaypoint, call.Doubts);
        }

        return call.Mesh.FindWorkload(address) is { } workload ? new Upstream(workload, port, null, null) : null;
    }

    private Upstream? FindGateway(in OutboundCall call, GatewayAddress reference, bool toWaypoint)
    {
        if (reference.Address is { } address)
        {
            return FindUpstream(in call, address, reference.HbonePort, toWaypoint);
        }

        Destination named = Destination.Of(call.Mesh, reference.Hostname.GetValueOrDefault());
        return named switch
        {
            { Service: { } service } => _selector.Select(
                call.Mesh, call.Source, service, reference.HbonePort, toWaypoint, call.Doubts),
            { Workload: { } workload } => new Upstream(workload, reference.HbonePort, null, null),
            _ => null,
        };
    }

    // What a waypoint sends on to its workload must not be sent back to it.
    private static bool IsWaypoint(in OutboundCall call, GatewayAddress reference)
    {
        Destination named = Destination.Of(call.Mesh, reference);
        if (named.Workload is { } workload)
        {
            return IsClient(in call, workload);
        }

        if (named.Service is not { } service)
        {
            return false;
        }

        foreach (Endpoint[] page in call.Mesh.EndpointsOf(service).Pages)
        {
            foreach (Endpoint endpoint in page)
            {
                if (call.Mesh.WorkloadOf(endpoint) is { } member && IsClient(in call, member))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool IsClient(in OutboundCall call, Workload workload) =>
        workload.HasAddress(call.Client) && workload.Identity == call.Source.Identity;

    private static OutboundDecision NoDestination(Workload workload) =>
        OutboundDecision.Refused($"no valid routing destination for workload: {workload}");
}
