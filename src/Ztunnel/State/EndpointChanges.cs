namespace Ztunnel.State;

/// <summary>
/// What one batch does to the endpoints of one service. Few changes are made in the set, page by page; many make a new
/// set, which costs one pass over it instead of a page each.
/// </summary>
internal sealed class EndpointChanges(EndpointSet start)
{
    // Endpoints that a pass copies in the time of one change, which copies a page of 256.
    private const int PassCost = 16;

    private static readonly Comparison<Change> s_byUidLastFirst = static (left, right) =>
    {
        int order = string.CompareOrdinal(left.Uid, right.Uid);
        return order != 0 ? order : right.Order.CompareTo(left.Order);
    };

    // As they came, in a list: of a whole mesh there are half a million, and nearly nobody asks for one of them before
    // they are all there.
    private readonly List<Change> _changes = new(capacity: 1);
    private Dictionary<string, Endpoint?>? _byUid; // once somebody does

    public void Set(Endpoint endpoint) => Note(endpoint.WorkloadUid, endpoint);

    public void Remove(string workloadUid) => Note(workloadUid, null);

    /// <summary>As it will be.</summary>
    public Endpoint? Find(string workloadUid)
    {
        if (_byUid is null)
        {
            _byUid = new Dictionary<string, Endpoint?>(StringComparer.Ordinal);
            _changes.ForEach(change => _byUid[change.Uid] = change.Endpoint);
        }

        return _byUid.TryGetValue(workloadUid, out Endpoint? changed) ? changed : start.Find(workloadUid);
    }

    public EndpointSet Apply()
    {
        List<Change> changes = LastOfEach();
        return changes.Count * PassCost > start.Count + PassCost
            ? EndpointSet.Of(Merged(changes))
            : changes.Aggregate(
                start, static (set, change) => change.Endpoint is { } endpoint ? set.Set(endpoint) : set.Remove(change.Uid));
    }

    private void Note(string uid, Endpoint? endpoint)
    {
        _changes.Add(new Change(uid, endpoint, _changes.Count));
        _byUid?[uid] = endpoint;
    }

    // In order of uid.
    private List<Change> LastOfEach()
    {
        if (_changes.Count > 1)
        {
            _changes.Sort(s_byUidLastFirst);
        }

        int kept = 0;
        for (int at = 0; at < _changes.Count; at++)
        {
            if (kept == 0 || _changes[kept - 1].Uid != _changes[at].Uid)
            {
                _changes[kept++] = _changes[at];
            }
        }

        _changes.RemoveRange(kept, _changes.Count - kept);
        return _changes;
    }

    // Both in order of uid.
    private List<Endpoint> Merged(List<Change> changes)
    {
        List<Endpoint> endpoints = new(start.Count + changes.Count);
        int next = 0;
        foreach (Endpoint[] page in start.Pages)
        {
            foreach (Endpoint endpoint in page)
            {
                int order = -1;
                while (next < changes.Count
                    && (order = string.CompareOrdinal(changes[next].Uid, endpoint.WorkloadUid)) < 0)
                {
                    AddIfAny(endpoints, changes[next++].Endpoint);
                }

                if (next == changes.Count || order != 0)
                {
                    endpoints.Add(endpoint);
                }
            }
        }

        for (; next < changes.Count; next++)
        {
            AddIfAny(endpoints, changes[next].Endpoint);
        }

        return endpoints;
    }

    private static void AddIfAny(List<Endpoint> endpoints, Endpoint? endpoint)
    {
        if (endpoint is not null)
        {
            endpoints.Add(endpoint);
        }
    }

    /// <param name="Endpoint">Null: it is gone.</param>
    /// <param name="Order">Of one endpoint the last change counts.</param>
    private readonly record struct Change(string Uid, Endpoint? Endpoint, int Order);
}
