using System.Numerics;

namespace Ztunnel.State;

/// <summary>
/// One node of a <see cref="PersistentMap{TKey,TValue}"/>: 32 ways, five bits of the hash per level; a way holds an
/// entry, a child, or nothing. Below the last level (all hash bits used up) entries of equal hash stand in a row.
/// </summary>
internal sealed class MapNode<TKey, TValue>
    where TKey : notnull, IEquatable<TKey>
{
    private const int BitsPerLevel = 5;
    private const int HashBits = 32;

    // Who may change this node in place; null once it was published.
    private readonly object? _owner;
    private uint _entryWays;
    private uint _childWays;
    private KeyValuePair<TKey, TValue>[] _entries;
    private MapNode<TKey, TValue>[] _children;

    public MapNode(object? owner)
        : this(owner, 0, 0, [], [])
    {
    }

    private MapNode(
        object? owner, uint entryWays, uint childWays, KeyValuePair<TKey, TValue>[] entries, MapNode<TKey, TValue>[] children)
    {
        _owner = owner;
        _entryWays = entryWays;
        _childWays = childWays;
        _entries = entries;
        _children = children;
    }

    public ReadOnlySpan<KeyValuePair<TKey, TValue>> Entries => _entries;

    public ReadOnlySpan<MapNode<TKey, TValue>> Children => _children;

    /// <summary>
    /// A hash as the way that leads to it, the first level in the highest bits: entries sorted by it are sorted by node.
    /// </summary>
    public static uint PathOf(uint hash)
    {
        uint path = 0;
        for (int shift = 0; shift < HashBits; shift += BitsPerLevel)
        {
            path = (path << Math.Min(BitsPerLevel, HashBits - shift)) | ((hash >> shift) & 31);
        }

        return path;
    }

    /// <param name="order">Path and index in the draft, 32 bits each, ascending; all of them below this node.</param>
    public static MapNode<TKey, TValue> Of(ReadOnlySpan<ulong> order, MapDraft<TKey, TValue> draft, int shift)
    {
        if (shift >= HashBits)
        {
            return new MapNode<TKey, TValue>(null, 0, 0, draft.EntriesAt(order), []);
        }

        uint entryWays = 0;
        uint childWays = 0;
        for (int start = 0, end; start < order.Length; start = end)
        {
            end = EndOfWay(order, start, shift);
            uint way = Way(draft.HashAt(order[start]), shift);
            entryWays |= end - start == 1 ? way : 0;
            childWays |= end - start == 1 ? 0 : way;
        }

        KeyValuePair<TKey, TValue>[] entries = NewArray<KeyValuePair<TKey, TValue>>(BitOperations.PopCount(entryWays));
        MapNode<TKey, TValue>[] children = NewArray<MapNode<TKey, TValue>>(BitOperations.PopCount(childWays));
        int entry = 0;
        int child = 0;
        for (int start = 0, end; start < order.Length; start = end)
        {
            end = EndOfWay(order, start, shift);
            if (end - start == 1)
            {
                entries[entry++] = draft.EntryAt(order[start]);
            }
            else
            {
                children[child++] = Of(order[start..end], draft, shift + BitsPerLevel);
            }
        }

        return new MapNode<TKey, TValue>(null, entryWays, childWays, entries, children);
    }

    /// <summary>The node's only entry can move up into its parent.</summary>
    private bool IsSingleEntry => _entries.Length == 1 && _children.Length == 0;

    public static bool TryGet(MapNode<TKey, TValue> node, TKey key, uint hash, out TValue value)
    {
        for (int shift = 0; shift < HashBits; shift += BitsPerLevel)
        {
            uint way = Way(hash, shift);
            if ((node._childWays & way) != 0)
            {
                node = node._children[IndexOf(node._childWays, way)];
                continue;
            }

            if ((node._entryWays & way) != 0)
            {
                ref readonly KeyValuePair<TKey, TValue> entry = ref node._entries[IndexOf(node._entryWays, way)];
                if (entry.Key.Equals(key))
                {
                    value = entry.Value;
                    return true;
                }
            }

            value = default!;
            return false;
        }

        int index = node.IndexInRow(key);
        value = index < 0 ? default! : node._entries[index].Value;
        return index >= 0;
    }

    public static bool TryGet<TMatch>(MapNode<TKey, TValue> node, scoped in TMatch match, out TValue value)
        where TMatch : struct, IKeyMatch<TKey>, allows ref struct
    {
        uint hash = match.Hash;
        for (int shift = 0; shift < HashBits; shift += BitsPerLevel)
        {
            uint way = Way(hash, shift);
            if ((node._childWays & way) == 0)
            {
                int at = (node._entryWays & way) == 0 ? -1 : IndexOf(node._entryWays, way);
                bool isFound = at >= 0 && match.Matches(node._entries[at].Key);
                value = isFound ? node._entries[at].Value : default!;
                return isFound;
            }

            node = node._children[IndexOf(node._childWays, way)];
        }

        foreach (ref readonly KeyValuePair<TKey, TValue> entry in node.Entries)
        {
            if (match.Matches(entry.Key))
            {
                value = entry.Value;
                return true;
            }
        }

        value = default!;
        return false;
    }

    /// <returns>This node if <paramref name="owner"/> owns it, else its changed copy.</returns>
    public MapNode<TKey, TValue> Set(
        object owner, KeyValuePair<TKey, TValue> entry, uint hash, int shift, ref int count)
    {
        MapNode<TKey, TValue> node = OwnedBy(owner);
        if (shift >= HashBits)
        {
            int index = node.IndexInRow(entry.Key);
            if (index >= 0)
            {
                node._entries[index] = entry;
                return node;
            }

            count++;
            node._entries = [.. node._entries, entry];
            return node;
        }

        uint way = Way(hash, shift);
        if ((node._childWays & way) != 0)
        {
            int index = IndexOf(node._childWays, way);
            node._children[index] = node._children[index].Set(owner, entry, hash, shift + BitsPerLevel, ref count);
        }
        else if ((node._entryWays & way) == 0)
        {
            node._entries = Inserted(node._entries, IndexOf(node._entryWays, way), entry);
            node._entryWays |= way;
            count++;
        }
        else
        {
            node.SetInTakenWay(owner, entry, hash, shift, ref count);
        }

        return node;
    }

    /// <returns>The node without the key: itself, a changed copy, or null if nothing is left.</returns>
    public MapNode<TKey, TValue>? Remove(object owner, TKey key, uint hash, int shift, ref int count)
    {
        uint way = shift >= HashBits ? 0 : Way(hash, shift);
        if ((_childWays & way) != 0)
        {
            return RemoveFromChild(owner, key, hash, shift, ref count);
        }

        int index = shift >= HashBits ? IndexInRow(key)
            : (_entryWays & way) != 0 && _entries[IndexOf(_entryWays, way)].Key.Equals(key) ? IndexOf(_entryWays, way)
            : -1;
        if (index < 0)
        {
            return this;
        }

        count--;
        if (_entries.Length + _children.Length == 1)
        {
            return null;
        }

        MapNode<TKey, TValue> node = OwnedBy(owner);
        node._entries = Removed(node._entries, index);
        node._entryWays &= ~way;
        return node;
    }

    private static uint Way(uint hash, int shift) => 1u << (int)((hash >> shift) & 31);

    // What shares the path up to and with this level.
    private static int EndOfWay(ReadOnlySpan<ulong> order, int start, int shift)
    {
        int below = HashBits + Math.Max(0, HashBits - shift - BitsPerLevel);
        int end = start + 1;
        while (end < order.Length && order[end] >> below == order[start] >> below)
        {
            end++;
        }

        return end;
    }

    private static T[] NewArray<T>(int length) => length == 0 ? [] : new T[length];

    private static int IndexOf(uint ways, uint way) => BitOperations.PopCount(ways & (way - 1));

    private static uint HashOf(TKey key) => (uint)key.GetHashCode();

    private static T[] Inserted<T>(T[] items, int index, T item)
    {
        var copy = new T[items.Length + 1];
        items.AsSpan(0, index).CopyTo(copy);
        copy[index] = item;
        items.AsSpan(index).CopyTo(copy.AsSpan(index + 1));
        return copy;
    }

    private static T[] Removed<T>(T[] items, int index)
    {
        var copy = new T[items.Length - 1];
        items.AsSpan(0, index).CopyTo(copy);
        items.AsSpan(index + 1).CopyTo(copy.AsSpan(index));
        return copy;
    }

    // With rows of its own: what is owned may change in place, item by item, and a batch copies a node once.
    private MapNode<TKey, TValue> OwnedBy(object owner) => ReferenceEquals(_owner, owner)
        ? this
        : new(owner, _entryWays, _childWays, _entries.AsSpan().ToArray(), _children.AsSpan().ToArray());

    private int IndexInRow(TKey key) => Array.FindIndex(_entries, entry => entry.Key.Equals(key));

    // The way's entry is the same key, or both keys move one level down.
    private void SetInTakenWay(object owner, KeyValuePair<TKey, TValue> entry, uint hash, int shift, ref int count)
    {
        uint way = Way(hash, shift);
        int index = IndexOf(_entryWays, way);
        KeyValuePair<TKey, TValue> present = _entries[index];
        if (present.Key.Equals(entry.Key))
        {
            _entries[index] = entry;
            return;
        }

        int ignored = 0;
        MapNode<TKey, TValue> child = new MapNode<TKey, TValue>(owner)
            .Set(owner, present, HashOf(present.Key), shift + BitsPerLevel, ref ignored)
            .Set(owner, entry, hash, shift + BitsPerLevel, ref count);
        _entries = Removed(_entries, index);
        _entryWays &= ~way;
        _children = Inserted(_children, IndexOf(_childWays, way), child);
        _childWays |= way;
    }

    private MapNode<TKey, TValue>? RemoveFromChild(object owner, TKey key, uint hash, int shift, ref int count)
    {
        uint way = Way(hash, shift);
        int index = IndexOf(_childWays, way);
        int before = count;
        MapNode<TKey, TValue>? child = _children[index].Remove(owner, key, hash, shift + BitsPerLevel, ref count);
        if (count == before)
        {
            return this;
        }

        MapNode<TKey, TValue> node = OwnedBy(owner);
        if (child is { IsSingleEntry: false })
        {
            node._children[index] = child;
            return node;
        }

        node._children = Removed(node._children, index);
        node._childWays &= ~way;
        if (child is not null) // keeps chains of nodes with one entry from growing where keys come and go
        {
            node._entries = Inserted(node._entries, IndexOf(node._entryWays, way), child._entries[0]);
            node._entryWays |= way;
        }

        return node._entries.Length + node._children.Length == 0 ? null : node;
    }
}
