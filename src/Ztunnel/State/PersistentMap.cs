using System.Diagnostics.CodeAnalysis;

namespace Ztunnel.State;

/// <summary>
/// An immutable hash map whose changed copy shares all but the path to the change: a snapshot of 100,000 workloads
/// costs nothing to keep and one changed workload a few small arrays. Lookups allocate nothing and walk three or four
/// nodes. (A hash array mapped trie; see docs/decisions on the state.)
/// </summary>
internal sealed class PersistentMap<TKey, TValue>
    where TKey : notnull, IEquatable<TKey>
{
    private readonly MapNode<TKey, TValue>? _root;

    private PersistentMap(MapNode<TKey, TValue>? root, int count) => (_root, Count) = (root, count);

    [SuppressMessage("Design", "CA1000", Justification = "an empty map has no argument to infer its types from")]
    public static PersistentMap<TKey, TValue> Empty { get; } = new(null, 0);

    public int Count { get; }

    public bool TryGetValue(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (_root is null)
        {
            value = default;
            return false;
        }

        return MapNode<TKey, TValue>.TryGet(_root, key, (uint)key.GetHashCode(), out value);
    }

    /// <summary>By what matches the key, without the key.</summary>
    public TValue? Find<TMatch>(scoped in TMatch match)
        where TMatch : struct, IKeyMatch<TKey>, allows ref struct =>
        _root is not null && MapNode<TKey, TValue>.TryGet(_root, in match, out TValue value) ? value : default;

    public TValue? GetValueOrDefault(TKey key) => TryGetValue(key, out TValue? value) ? value : default;

    /// <summary>In no particular order. Allocates: for dumps, not for connections.</summary>
    public IEnumerable<KeyValuePair<TKey, TValue>> Entries()
    {
        var open = new Stack<MapNode<TKey, TValue>>();
        if (_root is not null)
        {
            open.Push(_root);
        }

        while (open.TryPop(out MapNode<TKey, TValue>? node))
        {
            foreach (MapNode<TKey, TValue> child in node.Children)
            {
                open.Push(child);
            }

            foreach (KeyValuePair<TKey, TValue> entry in node.Entries.ToArray())
            {
                yield return entry;
            }
        }
    }

    public Builder ToBuilder() => new(this);

    /// <summary>Gathers changes; nodes it made itself are changed in place until they are published.</summary>
    internal sealed class Builder(PersistentMap<TKey, TValue> start)
    {
        private readonly PersistentMap<TKey, TValue> _start = start;
        private bool _mayDraft = start._root is null;
        private MapDraft<TKey, TValue>? _draft; // with it, no root
        private MapNode<TKey, TValue>? _root = start._root;
        private object _owner = new();
        private int _count = start.Count;

        public int Count => _draft?.Count ?? _count;

        public TValue? GetValueOrDefault(TKey key) => _draft is { } draft
            ? draft.GetValueOrDefault(key)
            : _root is not null && MapNode<TKey, TValue>.TryGet(_root, key, (uint)key.GetHashCode(), out TValue value)
                ? value
                : default;

        public void Set(TKey key, TValue value)
        {
            if (_mayDraft)
            {
                _draft ??= new MapDraft<TKey, TValue>();
                _draft.Set(key, value);
                return;
            }

            _root ??= new MapNode<TKey, TValue>(_owner);
            _root = _root.Set(_owner, new(key, value), (uint)key.GetHashCode(), shift: 0, ref _count);
        }

        public bool Remove(TKey key)
        {
            if (_mayDraft && _draft?.Contains(key) != true)
            {
                return false;
            }

            EndDraft();
            int before = _count;
            _root = _root?.Remove(_owner, key, (uint)key.GetHashCode(), shift: 0, ref _count);
            return _count != before;
        }

        /// <summary>What was gathered so far; the builder goes on with copies of it.</summary>
        public PersistentMap<TKey, TValue> ToMap()
        {
            EndDraft();
            _owner = new object();
            return _root == _start._root ? _start : new PersistentMap<TKey, TValue>(_root, _count);
        }

        private void EndDraft()
        {
            _mayDraft = false;
            if (_draft is { } draft)
            {
                (_root, _count, _draft) = (draft.ToNodes(), draft.Count, null);
            }
        }
    }
}
