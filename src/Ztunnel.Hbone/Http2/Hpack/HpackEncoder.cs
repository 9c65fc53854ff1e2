using System.Text;

namespace Ztunnel.Hbone.Http2.Hpack;

/// <summary>
/// Encodes the few fields HBONE sends. Values that repeat (method, authority, baggage) go into the dynamic table, so
/// that from the second request on they cost one octet and the peer copies instead of decoding. Strings are sent
/// without Huffman coding: it would save some thirty octets of a request and costs both sides more time than those.
/// </summary>
internal sealed class HpackEncoder
{
    /// <summary>Never more than the protocol's default, whatever the peer offers: it would only cost memory.</summary>
    private const int MostTableSize = 4096;

    /// <summary>A value above this part of the table would push out what repeats more often.</summary>
    private const int LargestIndexedPart = 2;

    private readonly List<(string Name, string Value)> _entries = []; // the newest last
    private int _size;
    private int _maxSize = MostTableSize;
    private int _lowestPending = -1;

    /// <summary>The peer's SETTINGS_HEADER_TABLE_SIZE.</summary>
    public void SetPeerTableSize(uint size)
    {
        int wanted = (int)Math.Min(size, MostTableSize);
        if (wanted != _maxSize || _lowestPending >= 0)
        {
            _lowestPending = _lowestPending < 0 ? wanted : Math.Min(_lowestPending, wanted);
            _maxSize = wanted;
            EvictDownTo(wanted);
        }
    }

    /// <summary>
    /// Begins a block: announces a changed table size (RFC 7541 §4.2: the lowest since the last, then the last).
    /// </summary>
    public void BeginBlock(OutputBuffer output)
    {
        if (_lowestPending < 0)
        {
            return;
        }

        if (_lowestPending < _maxSize)
        {
            EvictDownTo(_lowestPending);
            WriteInteger(output, 0x20, 5, _lowestPending);
        }

        WriteInteger(output, 0x20, 5, _maxSize);
        _lowestPending = -1;
    }

    public static void WriteStatic(OutputBuffer output, int index) => WriteInteger(output, 0x80, 7, index);

    /// <summary>A field whose value is likely to come again.</summary>
    public void WriteRepeated(OutputBuffer output, string name, int staticName, string value)
    {
        int nameIndex = staticName;
        for (int i = _entries.Count - 1; i >= 0; i--)
        {
            if (_entries[i].Name != name)
            {
                continue;
            }

            if (_entries[i].Value == value)
            {
                WriteInteger(output, 0x80, 7, IndexOf(i));
                return;
            }

            nameIndex = nameIndex == 0 ? IndexOf(i) : nameIndex;
        }

        WriteLiteral(output, name, nameIndex, value, indexing: SizeOf(name, value) <= _maxSize / LargestIndexedPart);
    }

    /// <summary>A field whose value comes once. Its first use puts the name into the table.</summary>
    public void WriteUnique(OutputBuffer output, string name, string value)
    {
        int known = FindName(name);
        bool indexing = known == 0 && SizeOf(name, value) <= _maxSize / LargestIndexedPart;
        WriteLiteral(output, name, known, value, indexing);
    }

    /// <inheritdoc cref="WriteUnique(OutputBuffer, string, string)"/>
    public void WriteUnique(OutputBuffer output, string name, TraceParent value)
    {
        int known = FindName(name);
        if (known == 0)
        {
            WriteUnique(output, name, value.ToString());
            return;
        }

        WriteInteger(output, 0, 4, known);
        WriteInteger(output, 0, 7, TraceParent.Length);
        value.Format(output.Append(TraceParent.Length));
    }

    private int FindName(string name)
    {
        for (int i = _entries.Count - 1; i >= 0; i--)
        {
            if (_entries[i].Name == name)
            {
                return IndexOf(i);
            }
        }

        return 0;
    }

    private void WriteLiteral(OutputBuffer output, string name, int nameIndex, string value, bool indexing)
    {
        WriteInteger(output, indexing ? (byte)0x40 : (byte)0, indexing ? 6 : 4, nameIndex);
        if (nameIndex == 0)
        {
            WriteString(output, name);
        }

        WriteString(output, value);
        if (indexing)
        {
            int size = SizeOf(name, value);
            EvictDownTo(_maxSize - size);
            _entries.Add((name, value));
            _size += size;
        }
    }

    private int IndexOf(int entry) => StaticTable.Count + _entries.Count - entry;

    private void EvictDownTo(int size)
    {
        int evicted = 0;
        for (; _size > size; evicted++)
        {
            _size -= SizeOf(_entries[evicted].Name, _entries[evicted].Value);
        }

        _entries.RemoveRange(0, evicted);
    }

    private static int SizeOf(string name, string value) => name.Length + value.Length + DynamicTable.EntryOverhead;

    private static void WriteInteger(OutputBuffer output, byte flags, int prefixBits, int value) =>
        output.Commit(HpackInteger.Encode(output.GetSpan(HpackInteger.MaxEncodedLength), flags, prefixBits, value));

    private static void WriteString(OutputBuffer output, string text)
    {
        WriteInteger(output, 0, 7, text.Length);
        Encoding.Latin1.GetBytes(text, output.Append(text.Length));
    }
}
