using System.Buffers;

namespace Ztunnel.Hbone.Http2.Hpack;

/// <summary>
/// Decodes header blocks (RFC 7541 §3, §6). A list above the limit is still decoded to its end, so that the dynamic
/// table stays right, but is no longer passed on.
/// </summary>
internal sealed class HpackDecoder(int maxListSize, int bombSize, AbuseBudget budget)
{
    /// <summary>SETTINGS_HEADER_TABLE_SIZE is never sent: the default holds.</summary>
    public const int TableSize = 4096;

    private const int StackLimit = 512;

    private readonly DynamicTable _table = new(TableSize);

    /// <summary>Decoded size of the last list, each field with the overhead of 32 (RFC 9113 §6.5.2).</summary>
    public int ListSize { get; private set; }

    public bool IsOverLimit => ListSize > maxListSize;

    public void Clear() => _table.Clear();

    public void Decode(ReadOnlySpan<byte> block, IHeaderSink? sink, long now)
    {
        ListSize = 0;
        int position = 0;
        while (position < block.Length && (block[position] & 0xe0) == 0x20)
        {
            budget.TakeTableUpdate(now);
            UpdateTableSize(block, ref position);
        }

        while (position < block.Length)
        {
            byte first = block[position];
            if ((first & 0x80) != 0)
            {
                Pass(Index(block, ref position, 7), sink);
            }
            else if ((first & 0xe0) == 0x20)
            {
                throw Broken("table size update behind a field"); // §4.2
            }
            else
            {
                bool indexing = (first & 0x40) != 0;
                Literal(block, ref position, indexing ? 6 : 4, indexing, sink);
            }
        }
    }

    private void UpdateTableSize(ReadOnlySpan<byte> block, ref int position)
    {
        if (!HpackInteger.TryDecode(block, ref position, 5, out int size) || size > _table.Capacity)
        {
            throw Broken("table size update above the limit");
        }

        _table.Resize(size);
    }

    private void Pass(int index, IHeaderSink? sink)
    {
        if (index > StaticTable.Count)
        {
            int entry = index - StaticTable.Count - 1;
            Pass(_table.Name(entry), _table.Value(entry), sink);
        }
        else
        {
            Pass(StaticTable.Name(index), StaticTable.Value(index), sink);
        }
    }

    private void Pass(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, IHeaderSink? sink)
    {
        ListSize += name.Length + value.Length + DynamicTable.EntryOverhead;
        if (ListSize > bombSize)
        {
            throw AbuseBudget.Exceeded(AbuseKind.HeaderBomb, $"header list of more than {bombSize} octets");
        }

        if (!IsOverLimit)
        {
            sink?.OnField(name, value);
        }
    }

    private void Literal(ReadOnlySpan<byte> block, ref int position, int prefix, bool indexing, IHeaderSink? sink)
    {
        bool hasIndex = (block[position] & ((1 << prefix) - 1)) != 0;
        int nameIndex = hasIndex ? Index(block, ref position, prefix) : 0;
        position += hasIndex ? 0 : 1;
        bool nameHuffman = false;
        ReadOnlySpan<byte> rawName = hasIndex ? default : RawString(block, ref position, out nameHuffman);
        ReadOnlySpan<byte> rawValue = RawString(block, ref position, out bool valueHuffman);

        int room = (nameHuffman ? Huffman.MaxDecodedLength(rawName.Length) : 0)
            + (valueHuffman ? Huffman.MaxDecodedLength(rawValue.Length) : 0);
        byte[]? rented = room > StackLimit ? ArrayPool<byte>.Shared.Rent(room) : null;
        Span<byte> scratch = rented ?? stackalloc byte[StackLimit];
        ReadOnlySpan<byte> name = hasIndex ? NameAt(nameIndex) : Text(rawName, nameHuffman, ref scratch);
        ReadOnlySpan<byte> value = Text(rawValue, valueHuffman, ref scratch);
        Pass(name, value, sink);
        if (indexing)
        {
            _table.Add(name, value);
        }

        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private ReadOnlySpan<byte> NameAt(int index) =>
        index > StaticTable.Count ? _table.Name(index - StaticTable.Count - 1) : StaticTable.Name(index);

    private int Index(ReadOnlySpan<byte> block, ref int position, int prefix)
    {
        if (!HpackInteger.TryDecode(block, ref position, prefix, out int index)
            || index == 0
            || index > StaticTable.Count + _table.Count)
        {
            throw Broken("index out of the tables");
        }

        return index;
    }

    private static ReadOnlySpan<byte> RawString(ReadOnlySpan<byte> block, ref int position, out bool huffman)
    {
        huffman = position < block.Length && (block[position] & 0x80) != 0;
        if (position >= block.Length
            || !HpackInteger.TryDecode(block, ref position, 7, out int length)
            || length > block.Length - position)
        {
            throw Broken("string cut off");
        }

        position += length;
        return block.Slice(position - length, length);
    }

    private static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> raw, bool huffman, scoped ref Span<byte> scratch)
    {
        if (!huffman)
        {
            return raw;
        }

        if (!Huffman.TryDecode(raw, scratch, out int length))
        {
            throw Broken("bad Huffman code");
        }

        ReadOnlySpan<byte> text = scratch[..length];
        scratch = scratch[length..];
        return text;
    }

    private static Http2ConnectionException Broken(string what) =>
        new(Http2ErrorCode.CompressionError, $"header block: {what}");
}
