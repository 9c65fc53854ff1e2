namespace Ztunnel.State;

/// <summary>
/// Endpoints to which a connect failed lately. Each is left alone for a while, and longer when it fails again soon after
/// that. Bounded; no clock of its own: one owner on one thread passes its milliseconds in.
/// </summary>
internal sealed class AvoidedEndpoints
{
    /// <summary>A node has seldom that many broken peers; when it has, the one that is due first makes room.</summary>
    public const int MaxEntries = 256;

    /// <summary>About what it takes Kubernetes to notice and tell, so that the choice is soon informed again.</summary>
    public static readonly TimeSpan First = TimeSpan.FromSeconds(10);

    /// <summary>An endpoint that recovers is found out within this time.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private readonly Dictionary<EndpointKey, Entry> _entries = [];

    /// <summary>Nothing is avoided or remembered.</summary>
    public bool IsEmpty => _entries.Count == 0;

    public bool Contains(EndpointKey endpoint, long now) =>
        _entries.TryGetValue(endpoint, out Entry entry) && now < entry.Until;

    public void Failed(EndpointKey endpoint, long now)
    {
        long period = (long)First.TotalMilliseconds;
        if (_entries.TryGetValue(endpoint, out Entry before))
        {
            if (now < before.Until)
            {
                return; // the same trouble, met by connections that were on their way
            }

            period = Math.Min(2 * before.Period, (long)Longest.TotalMilliseconds);
        }
        else
        {
            MakeRoom(now);
        }

        _entries[endpoint] = new Entry(now + period, period);
    }

    public void Succeeded(EndpointKey endpoint) => _entries.Remove(endpoint);

    public int CountAt(long now)
    {
        int count = 0;
        foreach (Entry entry in _entries.Values)
        {
            count += now < entry.Until ? 1 : 0;
        }

        return count;
    }

    /// <summary>Forgets what was long ago.</summary>
    /// <returns>When something changes next; null for an empty table.</returns>
    public long? Expire(long now)
    {
        long? next = null;
        foreach ((EndpointKey endpoint, Entry entry) in _entries)
        {
            if (now >= entry.ForgottenAt)
            {
                _entries.Remove(endpoint);
                continue;
            }

            long due = now < entry.Until ? entry.Until : entry.ForgottenAt;
            next = Math.Min(next ?? due, due);
        }

        return next;
    }

    public void Clear() => _entries.Clear();

    private void MakeRoom(long now)
    {
        if (_entries.Count == MaxEntries)
        {
            Expire(now);
        }

        if (_entries.Count == MaxEntries)
        {
            _entries.Remove(_entries.MinBy(static pair => pair.Value.Until).Key);
        }
    }

    // Remembered for as long again, or an endpoint that is down for an hour would be new every time.
    private readonly record struct Entry(long Until, long Period)
    {
        public long ForgottenAt => Until + (long)Longest.TotalMilliseconds;
    }
}
