namespace Ztunnel.Hbone.Http2.Hpack;

/// <summary>Huffman-coded strings (RFC 7541 §5.2).</summary>
internal static class Huffman
{
    /// <summary>The shortest code has five bits: room that decoding never exceeds.</summary>
    public static int MaxDecodedLength(int encoded) => (int)((long)encoded * 8 / 5);

    public static int EncodedLength(ReadOnlySpan<byte> text)
    {
        long bits = 0;
        foreach (byte symbol in text)
        {
            bits += HuffmanCode.LengthOf(symbol);
        }

        return (int)((bits + 7) / 8);
    }

    /// <summary>Returns the number of bytes written; <paramref name="output"/> has room for EncodedLength.</summary>
    public static int Encode(ReadOnlySpan<byte> text, Span<byte> output)
    {
        ulong bits = 0;
        int count = 0;
        int written = 0;
        foreach (byte symbol in text)
        {
            int length = HuffmanCode.LengthOf(symbol);
            bits = (bits << length) | HuffmanCode.CodeOf(symbol);
            for (count += length; count >= 8; count -= 8)
            {
                output[written++] = (byte)(bits >> (count - 8));
            }
        }

        if (count > 0) // padded with the most significant bits of EOS, all ones
        {
            output[written++] = (byte)((bits << (8 - count)) | (0xffu >> count));
        }

        return written;
    }

    /// <summary>
    /// False for what §5.2 calls an error: EOS inside the string, padding longer than seven bits or not of ones.
    /// <paramref name="output"/> has room for MaxDecodedLength.
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, Span<byte> output, out int written)
    {
        ulong bits = 0; // left-justified
        int count = 0;
        int next = 0;
        written = 0;
        while (true)
        {
            for (; count <= 56 && next < encoded.Length; count += 8)
            {
                bits |= (ulong)encoded[next++] << (56 - count);
            }

            if (count == 0)
            {
                return true;
            }

            // Ones behind the end: real padding continues into them as EOS, which is longer than what is left.
            uint window = (uint)(bits >> 32) | (count < 32 ? uint.MaxValue >> count : 0);
            int symbol = HuffmanCode.Find(window, out int length);
            if (length > count)
            {
                return count < 8 && window == uint.MaxValue;
            }

            if (symbol == HuffmanCode.EndOfString)
            {
                return false;
            }

            output[written++] = (byte)symbol;
            bits <<= length;
            count -= length;
        }
    }
}
