namespace Ztunnel.State;

/// <summary>
/// What one batch does to the endpoints of one service. Few changes are made in the set, page by page; many make a new
/// set, which costs one pass over it instead of a page each.
/// </summary>
internal sealed class EndpointChanges(EndpointSet start)
{
    // Endpoints that a pass copies in the time of one change, which copies a page of 256.
    private const int PassCost = 16;

    // The ports, by reference, of a change that says no more than which uid is gone.
    private static readonly PortMap s_removal = PortMap.Of(new PortMapping(0, 0));

    // As they came, in a list: of a whole mesh there are half a million, and nearly nobody asks for one of them before
    // they are all there.
    private readonly List<Endpoint> _changes = new(capacity: 1);
    private Dictionary<string, Endpoint>? _byUid; // the last change of each, once somebody asks

    public void Set(Endpoint endpoint)
    {
        if (_changes.Count == 1 && _changes[0].WorkloadUid == endpoint.WorkloadUid)
        {
            _changes.Clear(); // of a pod that is told again: its former self has just left
        }

        _changes.Add(endpoint);
        _byUid?[endpoint.WorkloadUid] = endpoint;
    }

    public void Remove(string workloadUid) => Set(new Endpoint(workloadUid, s_removal, HealthStatus.Unhealthy));

    /// <summary>As it will be.</summary>
    public Endpoint? Find(string workloadUid)
    {
        _byUid ??= ByUid();
        return _byUid.TryGetValue(workloadUid, out Endpoint? changed)
            ? IsRemoval(changed) ? null : changed
            : start.Find(workloadUid);
    }

    public EndpointSet Apply()
    {
        List<Endpoint> changes = LastOfEach();
        return changes.Count * PassCost > start.Count + PassCost
            ? EndpointSet.Of(Merged(changes))
            : changes.Aggregate(
                start, static (set, change) => IsRemoval(change) ? set.Remove(change.WorkloadUid) : set.Set(change));
    }

    private static bool IsRemoval(Endpoint change) => ReferenceEquals(change.Ports, s_removal);

    private Dictionary<string, Endpoint> ByUid()
    {
        Dictionary<string, Endpoint> last = new(StringComparer.Ordinal);
        _changes.ForEach(change => last[change.WorkloadUid] = change);
        return last;
    }

    // In order of uid.
    private List<Endpoint> LastOfEach()
    {
        if (_changes.Count < 2)
        {
            return _changes;
        }

        List<Endpoint> sorted = Sorted(_changes);
        for (int at = 1; at < sorted.Count; at++)
        {
            if (sorted[at].WorkloadUid == sorted[at - 1].WorkloadUid)
            {
                return Sorted((_byUid ?? ByUid()).Values);
            }
        }

        return sorted;
    }

    private static List<Endpoint> Sorted(ICollection<Endpoint> endpoints)
    {
        List<Endpoint> sorted = [.. endpoints];
        sorted.Sort(static (left, right) => string.CompareOrdinal(left.WorkloadUid, right.WorkloadUid));
        return sorted;
    }

    // Both in order of uid.
    private List<Endpoint> Merged(List<Endpoint> changes)
    {
        List<Endpoint> endpoints = new(start.Count + changes.Count);
        int next = 0;
        foreach (Endpoint[] page in start.Pages)
        {
            foreach (Endpoint endpoint in page)
            {
                int order = -1;
                while (next < changes.Count
                    && (order = string.CompareOrdinal(changes[next].WorkloadUid, endpoint.WorkloadUid)) < 0)
                {
                    AddUnlessRemoval(endpoints, changes[next++]);
                }

                if (next == changes.Count || order != 0)
                {
                    endpoints.Add(endpoint);
                }
            }
        }

        for (; next < changes.Count; next++)
        {
            AddUnlessRemoval(endpoints, changes[next]);
        }

        return endpoints;
    }

    private static void AddUnlessRemoval(List<Endpoint> endpoints, Endpoint change)
    {
        if (!IsRemoval(change))
        {
            endpoints.Add(change);
        }
    }
}
