using Ztunnel.Identity;

namespace Ztunnel.Certificates;

/// <summary>
/// Which identity is signed next: of those that are due, the highest priority, then the one that waits longest.
/// Not thread-safe; knows no clock.
/// </summary>
internal sealed class RequestQueue
{
    private readonly Dictionary<SpiffeId, Item> _items = [];
    private readonly SortedSet<Item> _ready = new(Comparer<Item>.Create(static (a, b) =>
        a.Priority != b.Priority ? b.Priority.CompareTo(a.Priority) : ByTime(a, b)));

    private readonly SortedSet<Item> _later = new(Comparer<Item>.Create(ByTime));
    private long _sequence;

    /// <summary>When something is due next; in the past if something already is, null if nothing is queued.</summary>
    public DateTimeOffset? NextDue => _ready.Min?.Due ?? _later.Min?.Due;

    /// <summary>Asking again only ever raises: to the higher priority and the earlier time.</summary>
    public void Request(SpiffeId identity, CertificatePriority priority, DateTimeOffset due)
    {
        if (_items.TryGetValue(identity, out Item? queued))
        {
            Remove(identity);
            priority = priority > queued.Priority ? priority : queued.Priority;
            due = due < queued.Due ? due : queued.Due;
        }

        Item item = new(identity, priority, due, queued?.Sequence ?? _sequence++);
        _items.Add(identity, item);
        _later.Add(item);
    }

    public void Remove(SpiffeId identity)
    {
        if (_items.Remove(identity, out Item? item) && !_later.Remove(item))
        {
            _ready.Remove(item);
        }
    }

    public SpiffeId? TakeDue(DateTimeOffset now)
    {
        while (_later.Min is { } next && next.Due <= now)
        {
            _later.Remove(next);
            _ready.Add(next);
        }

        if (_ready.Min is not { } first)
        {
            return null;
        }

        _ready.Remove(first);
        _items.Remove(first.Identity);
        return first.Identity;
    }

    private static int ByTime(Item a, Item b) =>
        a.Due != b.Due ? a.Due.CompareTo(b.Due) : a.Sequence.CompareTo(b.Sequence);

    private sealed record Item(SpiffeId Identity, CertificatePriority Priority, DateTimeOffset Due, long Sequence);
}
