namespace Ztunnel.State;

/// <summary>
/// A <see cref="PersistentMap{TKey,TValue}"/> that starts empty, while it is filled: a hash table, from which the nodes
/// are then made once, each in its final size. A hundred thousand entries put one by one into growing nodes all over the
/// trie cost twice the garbage, and the collector a look at all those nodes every few megabytes.
/// </summary>
internal sealed class MapDraft<TKey, TValue>
    where TKey : notnull, IEquatable<TKey>
{
    private const int FirstBuckets = 16;
    private const int BlockSize = 64; // entries, in blocks that are no large objects and are never copied

    private readonly List<Entry[]> _blocks = [];
    private int[] _buckets = new int[FirstBuckets]; // 1 + index of the first entry

    public int Count { get; private set; }

    public TValue? GetValueOrDefault(TKey key)
    {
        int index = IndexOf(key, (uint)key.GetHashCode());
        return index < 0 ? default : At(index).Value;
    }

    public bool Contains(TKey key) => IndexOf(key, (uint)key.GetHashCode()) >= 0;

    public void Set(TKey key, TValue value)
    {
        uint hash = (uint)key.GetHashCode();
        int index = IndexOf(key, hash);
        if (index >= 0)
        {
            At(index).Value = value;
            return;
        }

        if (Count == _buckets.Length)
        {
            Grow();
        }

        if (Count % BlockSize == 0)
        {
            _blocks.Add(new Entry[BlockSize]);
        }

        ref int bucket = ref BucketOf(hash);
        At(Count) = new Entry { Key = key, Value = value, Hash = hash, Next = bucket };
        bucket = ++Count;
    }

    /// <returns>Null for an empty map.</returns>
    public MapNode<TKey, TValue>? ToNodes()
    {
        if (Count == 0)
        {
            return null;
        }

        ulong[] order = new ulong[Count];
        for (int index = 0; index < order.Length; index++)
        {
            order[index] = ((ulong)MapNode<TKey, TValue>.PathOf(At(index).Hash) << 32) | (uint)index;
        }

        Array.Sort(order);
        return MapNode<TKey, TValue>.Of(order, this, shift: 0);
    }

    /// <param name="place">Of <see cref="MapNode{TKey,TValue}.Of"/>.</param>
    public KeyValuePair<TKey, TValue> EntryAt(ulong place)
    {
        ref Entry entry = ref At((int)(uint)place);
        return new(entry.Key, entry.Value);
    }

    public KeyValuePair<TKey, TValue>[] EntriesAt(ReadOnlySpan<ulong> places)
    {
        KeyValuePair<TKey, TValue>[] entries = new KeyValuePair<TKey, TValue>[places.Length];
        for (int at = 0; at < entries.Length; at++)
        {
            entries[at] = EntryAt(places[at]);
        }

        return entries;
    }

    public uint HashAt(ulong place) => At((int)(uint)place).Hash;

    private ref Entry At(int index) => ref _blocks[index / BlockSize][index % BlockSize];

    private ref int BucketOf(uint hash) => ref _buckets[(int)(hash & (uint)(_buckets.Length - 1))];

    private int IndexOf(TKey key, uint hash)
    {
        int index = BucketOf(hash) - 1;
        while (index >= 0 && !(At(index).Hash == hash && At(index).Key.Equals(key)))
        {
            index = At(index).Next - 1;
        }

        return index;
    }

    private void Grow()
    {
        _buckets = new int[_buckets.Length * 2];
        for (int index = 0; index < Count; index++)
        {
            ref Entry entry = ref At(index);
            ref int bucket = ref BucketOf(entry.Hash);
            entry.Next = bucket;
            bucket = index + 1;
        }
    }

    private struct Entry
    {
        public TKey Key;
        public TValue Value;
        public uint Hash;
        public int Next; // 1 + index; 0: the last of its bucket
    }
}
