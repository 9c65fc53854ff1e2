namespace Ztunnel.State;

/// <summary>
/// Chooses one endpoint of a service: filter, rank by the service's routing preferences, then at random by capacity.
/// </summary>
/// <param name="random">Asked by several threads at once: <see cref="Random.Shared"/>, or a seeded one in tests.</param>
internal sealed class EndpointSelector(Random random)
{
    // Past this many misses the set is mostly unusable, and looking at all of it is cheaper.
    private const int Probes = 8;

    /// <param name="port">The port of the service that the client asked for.</param>
    /// <param name="toWaypoint">
    /// A waypoint may be reached on a port its service does not name, if its workload has an application tunnel.
    /// </param>
    /// <param name="doubts">Left out, while anything else can take the connection.</param>
    /// <returns>Null when no endpoint can take the connection.</returns>
    public Upstream? Select(
        MeshSnapshot mesh, Workload source, Service service, ushort port, bool toWaypoint,
        in EndpointDoubts doubts = default)
    {
        bool hasPort = service.Ports.TryGetTarget(port, out ushort servicePort);
        EndpointSet endpoints = mesh.EndpointsOf(service);
        if (endpoints.Count == 0 || (!hasPort && !toWaypoint))
        {
            return null;
        }

        var request = new Request(mesh, source, service, port, hasPort ? servicePort : null);
        if (Choose(endpoints, in request, in doubts) is not { } chosen || TargetPort(chosen, in request) is not { } target)
        {
            return null;
        }

        return new Upstream(chosen.Workload, target, service, chosen.Endpoint);
    }

    private Choice? Choose(EndpointSet endpoints, in Request request, in EndpointDoubts doubts)
    {
        if (doubts.IsEmpty)
        {
            return Choose(endpoints, in request);
        }

        return Choose(endpoints, request with { Doubts = doubts })
            ?? (doubts.Tried is null ? null : Choose(endpoints, request with { Doubts = doubts.OnlyTried }))
            ?? Choose(endpoints, in request);
    }

    private Choice? Choose(EndpointSet endpoints, in Request request)
    {
        bool isRanked = request.Service.LoadBalancer is { Mode: not LoadBalancerMode.Standard };
        return (endpoints.IsEven && !isRanked ? Probe(endpoints, in request) : null) ?? Weigh(endpoints, in request);
    }

    // Endpoints of one weight: the first usable one that a random index meets is as fair as any choice.
    private Choice? Probe(EndpointSet endpoints, in Request request)
    {
        for (int i = 0; i < Probes; i++)
        {
            if (endpoints.At((ulong)random.NextInt64()) is { } endpoint && Candidate(endpoint, in request) is { } workload)
            {
                return new Choice(endpoint, workload);
            }
        }

        return null;
    }

    // In one pass, that looks at no endpoint's health twice: it may change. Each in its turn takes the place of all before
    // it with the probability that its weight is of theirs and its own, which gives every one its share in the end.
    private Choice? Weigh(EndpointSet endpoints, in Request request)
    {
        Choice? chosen = null;
        int best = int.MinValue;
        long total = 0;
        foreach (Endpoint[] page in endpoints.Pages)
        {
            foreach (Endpoint endpoint in page)
            {
                if (Candidate(endpoint, in request) is not { } workload
                    || RankOf(workload, in request) is not { } rank
                    || rank < best)
                {
                    continue;
                }

                (chosen, total) = rank > best ? (null, 0) : (chosen, total);
                best = rank;
                total += workload.Capacity;
                if (random.NextInt64(total) < workload.Capacity)
                {
                    chosen = new Choice(endpoint, workload);
                }
            }
        }

        return chosen;
    }

    private static Workload? Candidate(Endpoint endpoint, in Request request)
    {
        if (!endpoint.MayServe(request.Service) || request.Mesh.WorkloadOf(endpoint) is not { } workload)
        {
            return null;
        }

        bool isReachable = workload.Addresses.Length > 0
            || workload.Hostname.Length > 0
            || (workload.NetworkGateway is not null && workload.Network != request.Source.Network);
        bool hasPort = request.ServiceTarget switch
        {
            null => workload.ApplicationTunnel is not null,
            0 => endpoint.Ports.TryGetTarget(request.Port, out _),
            _ => true,
        };
        return isReachable && hasPort && !IsDoubtful(endpoint, workload, in request) ? workload : null;
    }

    private static bool IsDoubtful(Endpoint endpoint, Workload workload, in Request request) =>
        !request.Doubts.IsEmpty
        && TargetPort(new Choice(endpoint, workload), in request) is { } port
        && request.Doubts.Concern(new EndpointKey(workload.Uid, port));

    private static ushort? TargetPort(Choice choice, in Request request)
    {
        if (choice.Endpoint.Ports.TryGetTarget(request.Port, out ushort target))
        {
            return target;
        }

        return request.ServiceTarget is > 0
            ? request.ServiceTarget
            : choice.Workload.ApplicationTunnel is { Port: not null } ? request.Port : null;
    }

    // Null drops the candidate.
    private static int? RankOf(Workload candidate, in Request request)
    {
        if (request.Service.LoadBalancer is not { Mode: not LoadBalancerMode.Standard } balancer)
        {
            return 0;
        }

        RoutingScope[] preferences = balancer.RoutingPreferences;
        bool networkFirst = preferences.Length > 0 && preferences[0] == RoutingScope.Network;
        bool sameNetwork = candidate.Network == request.Source.Network;
        int matches = 0;
        for (int i = 0; i < preferences.Length; i++)
        {
            if (Matches(preferences[i], request.Source, candidate))
            {
                matches++;
            }
            else if (i > 0 || !networkFirst) // another network alone does not end the comparison
            {
                break;
            }
        }

        if (balancer.Mode == LoadBalancerMode.Strict && matches != preferences.Length)
        {
            return null;
        }

        return matches + (networkFirst && sameNetwork ? preferences.Length - 1 : 0);
    }

    private static bool Matches(RoutingScope scope, Workload source, Workload candidate) => scope switch
    {
        RoutingScope.Region => source.Locality.Region == candidate.Locality.Region,
        RoutingScope.Zone => source.Locality.Zone == candidate.Locality.Zone,
        RoutingScope.Subzone => source.Locality.Subzone == candidate.Locality.Subzone,
        RoutingScope.Node => source.Node == candidate.Node,
        RoutingScope.Cluster => source.ClusterId == candidate.ClusterId,
        _ => source.Network == candidate.Network,
    };

    private readonly record struct Choice(Endpoint Endpoint, Workload Workload);

    // ServiceTarget: what the service maps the port to; null if it does not name the port.
    private readonly record struct Request(
        MeshSnapshot Mesh, Workload Source, Service Service, ushort Port, ushort? ServiceTarget)
    {
        public EndpointDoubts Doubts { get; init; }
    }
}
