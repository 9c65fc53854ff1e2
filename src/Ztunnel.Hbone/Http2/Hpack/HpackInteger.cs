namespace Ztunnel.Hbone.Http2.Hpack;

/// <summary>Integers with a prefix (RFC 7541 §5.1).</summary>
internal static class HpackInteger
{
    /// <summary>No length or index in a block we accept needs more; it also keeps the sum from overflowing.</summary>
    private const int MostShift = 21;

    /// <summary>Prefix, then at most five continuation octets.</summary>
    public const int MaxEncodedLength = 6;

    /// <summary>Moves <paramref name="position"/> behind the integer; false if it is cut off or absurd.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> block, ref int position, int prefixBits, out int value)
    {
        int mask = (1 << prefixBits) - 1;
        value = block[position++] & mask;
        if (value < mask)
        {
            return true;
        }

        for (int shift = 0; shift <= MostShift && position < block.Length; shift += 7)
        {
            byte octet = block[position++];
            value += (octet & 0x7f) << shift;
            if ((octet & 0x80) == 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Returns the number of octets written.</summary>
    public static int Encode(Span<byte> output, byte flags, int prefixBits, int value)
    {
        int mask = (1 << prefixBits) - 1;
        if (value < mask)
        {
            output[0] = (byte)(flags | value);
            return 1;
        }

        output[0] = (byte)(flags | mask);
        int written = 1;
        for (value -= mask; value >= 0x80; value >>= 7)
        {
            output[written++] = (byte)(value | 0x80);
        }

        output[written++] = (byte)value;
        return written;
    }
}
