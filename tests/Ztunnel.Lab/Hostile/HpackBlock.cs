using System.Buffers;
using System.Text;

namespace Ztunnel.Lab;

/// <summary>A header block, representation by representation (RFC 7541 §6), without Huffman.</summary>
public sealed class HpackBlock
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public ReadOnlySpan<byte> Bytes => _bytes.WrittenSpan;

    public static HpackBlock Connect(string authority) =>
        new HpackBlock().Literal(":method", "CONNECT").Literal(":authority", authority);

    /// <summary>Not indexed.</summary>
    public HpackBlock Literal(string name, string value) => Octet(0).Text(name).Text(value);

    /// <summary>Into the dynamic table.</summary>
    public HpackBlock Insert(string name, string value) => Octet(0x40).Text(name).Text(value);

    /// <summary>From a table; 62 is the latest entry of the dynamic one.</summary>
    public HpackBlock Indexed(int index) => Integer(0x80, 7, index);

    public HpackBlock TableSize(int size) => Integer(0x20, 5, size);

    /// <summary>So many more octets of header list, in fields that nobody reads.</summary>
    public HpackBlock Padding(int octets)
    {
        const int FieldSize = 1024;
        string value = new('x', FieldSize - 40);
        for (int left = octets; left > 0; left -= FieldSize)
        {
            Literal("x-filler", value);
        }

        return this;
    }

    private HpackBlock Text(string text) => Integer(0, 7, text.Length).Raw(Encoding.ASCII.GetBytes(text));

    private HpackBlock Integer(int pattern, int prefix, int value)
    {
        int most = (1 << prefix) - 1;
        if (value < most)
        {
            return Octet(pattern | value);
        }

        Octet(pattern | most);
        for (value -= most; value >= 128; value >>= 7)
        {
            Octet((value & 127) | 128);
        }

        return Octet(value);
    }

    private HpackBlock Octet(int octet) => Raw([(byte)octet]);

    private HpackBlock Raw(ReadOnlySpan<byte> bytes)
    {
        _bytes.Write(bytes);
        return this;
    }
}
