namespace Ztunnel.State;

/// <summary>
/// What one batch does to the endpoints of one service. Few changes are made in the set, page by page; many make a new
/// set, which costs one pass over it instead of a page each.
/// </summary>
internal sealed class EndpointChanges(EndpointSet start)
{
    // Endpoints that a pass copies and sorts in the time of one change, which copies a page of 256.
    private const int PassCost = 16;

    // Of one pod nearly always, which needs no table.
    private (string Uid, Endpoint? Endpoint)? _only;
    private Dictionary<string, Endpoint?>? _byUid; // from the second one on, of all

    public void Set(Endpoint endpoint) => Note(endpoint.WorkloadUid, endpoint);

    public void Remove(string workloadUid) => Note(workloadUid, null);

    /// <summary>As it will be.</summary>
    public Endpoint? Find(string workloadUid)
    {
        if (_only is { } only && only.Uid == workloadUid)
        {
            return only.Endpoint;
        }

        return _byUid is not null && _byUid.TryGetValue(workloadUid, out Endpoint? changed)
            ? changed
            : start.Find(workloadUid);
    }

    public EndpointSet Apply()
    {
        if (_byUid is null)
        {
            return _only is { } only ? With(start, only.Uid, only.Endpoint) : start;
        }

        return _byUid.Count * PassCost > start.Count + PassCost
            ? EndpointSet.Of(Merged(_byUid))
            : _byUid.Aggregate(start, static (set, change) => With(set, change.Key, change.Value));
    }

    private void Note(string uid, Endpoint? endpoint)
    {
        if (_byUid is null && (_only is null || _only.Value.Uid == uid))
        {
            _only = (uid, endpoint);
            return;
        }

        if (_byUid is null)
        {
            _byUid = new(StringComparer.Ordinal) { [_only!.Value.Uid] = _only.Value.Endpoint };
            _only = null;
        }

        _byUid[uid] = endpoint;
    }

    private static EndpointSet With(EndpointSet set, string uid, Endpoint? endpoint) =>
        endpoint is null ? set.Remove(uid) : set.Set(endpoint);

    private List<Endpoint> Merged(Dictionary<string, Endpoint?> changes)
    {
        List<Endpoint> endpoints = new(start.Count + changes.Count);
        foreach (Endpoint[] page in start.Pages)
        {
            foreach (Endpoint endpoint in page)
            {
                if (!changes.ContainsKey(endpoint.WorkloadUid))
                {
                    endpoints.Add(endpoint);
                }
            }
        }

        foreach (Endpoint? endpoint in changes.Values)
        {
            if (endpoint is not null)
            {
                endpoints.Add(endpoint);
            }
        }

        endpoints.Sort(static (left, right) => string.CompareOrdinal(left.WorkloadUid, right.WorkloadUid));
        return endpoints;
    }
}
