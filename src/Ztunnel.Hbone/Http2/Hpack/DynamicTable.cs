using System.Buffers;

namespace Ztunnel.Hbone.Http2.Hpack;

/// <summary>
/// The decoder's dynamic table (RFC 7541 §2.3.2): entries in one rented block, each contiguous. Eviction only moves
/// indices; when the end of the block is reached the living bytes move to a fresh one.
/// </summary>
internal sealed class DynamicTable(int capacity)
{
    /// <summary>RFC 7541 §4.1: what an entry costs beyond its octets.</summary>
    public const int EntryOverhead = 32;

    private const int FirstBlock = 512;

    private Entry[] _entries = [];
    private byte[] _block = [];
    private int _oldest;
    private int _used;

    /// <summary>What we announced: the peer may not go above it.</summary>
    public int Capacity { get; } = capacity;

    public int MaxSize { get; private set; } = capacity;

    public int Size { get; private set; }

    public int Count { get; private set; }

    /// <summary>0 is the newest.</summary>
    public ReadOnlySpan<byte> Name(int index)
    {
        Entry entry = At(index);
        return _block.AsSpan(entry.Offset, entry.NameLength);
    }

    /// <inheritdoc cref="Name"/>
    public ReadOnlySpan<byte> Value(int index)
    {
        Entry entry = At(index);
        return _block.AsSpan(entry.Offset + entry.NameLength, entry.ValueLength);
    }

    public void Resize(int maxSize)
    {
        MaxSize = maxSize;
        EvictDownTo(maxSize);
    }

    /// <summary>Either span may point into this table: nothing is overwritten before both are copied.</summary>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        int octets = name.Length + value.Length;
        if (octets + EntryOverhead > MaxSize)
        {
            EvictDownTo(0); // §4.4: larger than the table is no error, it empties it
            return;
        }

        EvictDownTo(MaxSize - octets - EntryOverhead);
        byte[] source = _block;
        if (_block.Length - _used < octets)
        {
            MoveToFreshBlock(octets);
        }

        name.CopyTo(_block.AsSpan(_used));
        value.CopyTo(_block.AsSpan(_used + name.Length));
        Append(new Entry(_used, name.Length, value.Length));
        _used += octets;
        Size += octets + EntryOverhead;
        if (source != _block && source.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(source);
        }
    }

    /// <summary>Gives the block back.</summary>
    public void Clear()
    {
        EvictDownTo(0);
        if (_block.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_block);
        }

        (_block, _used) = ([], 0);
    }

    private Entry At(int index) => _entries[(_oldest + Count - 1 - index) & (_entries.Length - 1)];

    private void EvictDownTo(int size)
    {
        while (Size > size)
        {
            Entry entry = _entries[_oldest];
            _oldest = (_oldest + 1) & (_entries.Length - 1);
            Count--;
            Size -= entry.NameLength + entry.ValueLength + EntryOverhead;
        }

        if (Count == 0)
        {
            _used = 0;
        }
    }

    private void MoveToFreshBlock(int octets)
    {
        int living = Size - (Count * EntryOverhead);

        // Twice what lives, so that moving is paid by as many bytes added; never more than twice the table.
        byte[] fresh = ArrayPool<byte>.Shared.Rent(Math.Max(FirstBlock, 2 * (living + octets)));
        int used = 0;
        for (int i = 0; i < Count; i++)
        {
            ref Entry entry = ref _entries[(_oldest + i) & (_entries.Length - 1)];
            int length = entry.NameLength + entry.ValueLength;
            _block.AsSpan(entry.Offset, length).CopyTo(fresh.AsSpan(used));
            entry = entry with { Offset = used };
            used += length;
        }

        (_block, _used) = (fresh, used);
    }

    private void Append(Entry entry)
    {
        if (Count == _entries.Length)
        {
            var larger = new Entry[Math.Max(8, 2 * Count)]; // a power of two: positions wrap by mask
            for (int i = 0; i < Count; i++)
            {
                larger[i] = _entries[(_oldest + i) & (_entries.Length - 1)];
            }

            (_entries, _oldest) = (larger, 0);
        }

        _entries[(_oldest + Count++) & (_entries.Length - 1)] = entry;
    }

    private readonly record struct Entry(int Offset, int NameLength, int ValueLength);
}
