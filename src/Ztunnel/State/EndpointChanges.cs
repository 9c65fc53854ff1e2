namespace Ztunnel.State;

/// <summary>
/// What one batch does to the endpoints of one service. Few changes are made in the set, page by page; many make a new
/// set, which costs one pass over it instead of a page each.
/// </summary>
internal sealed class EndpointChanges(EndpointSet start)
{
    // Endpoints that a pass copies and sorts in the time of one change, which copies a page of 256.
    private const int PassCost = 16;

    private readonly Dictionary<string, Endpoint?> _byUid = new(StringComparer.Ordinal);

    public void Set(Endpoint endpoint) => _byUid[endpoint.WorkloadUid] = endpoint;

    public void Remove(string workloadUid) => _byUid[workloadUid] = null;

    /// <summary>As it will be.</summary>
    public Endpoint? Find(string workloadUid) =>
        _byUid.TryGetValue(workloadUid, out Endpoint? changed) ? changed : start.Find(workloadUid);

    public EndpointSet Apply() =>
        _byUid.Count * PassCost > start.Count + PassCost ? EndpointSet.Of(Merged()) : OneByOne();

    private EndpointSet OneByOne()
    {
        EndpointSet set = start;
        foreach ((string uid, Endpoint? endpoint) in _byUid)
        {
            set = endpoint is null ? set.Remove(uid) : set.Set(endpoint);
        }

        return set;
    }

    private List<Endpoint> Merged()
    {
        List<Endpoint> endpoints = new(start.Count + _byUid.Count);
        foreach (Endpoint[] page in start.Pages)
        {
            foreach (Endpoint endpoint in page)
            {
                if (!_byUid.ContainsKey(endpoint.WorkloadUid))
                {
                    endpoints.Add(endpoint);
                }
            }
        }

        foreach (Endpoint? endpoint in _byUid.Values)
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
