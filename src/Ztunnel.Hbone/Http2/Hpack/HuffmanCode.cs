namespace Ztunnel.Hbone.Http2.Hpack;

/// <summary>
/// The Huffman code of RFC 7541 appendix B. It is canonical (shorter codes first, equal lengths in symbol order), so
/// the lengths say everything: codes and decoding tables are derived from them once.
/// </summary>
internal static class HuffmanCode
{
    public const int EndOfString = 256;
    public const int LongestCode = 30;

    /// <summary>Codes up to this many bits are decoded by one look-up; all of printable ASCII but seven.</summary>
    public const int FastBits = 10;

    private static ReadOnlySpan<byte> Lengths =>
    [
        13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28,
        28, 28, 28, 28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
        5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7,
        7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
        15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7,
        7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
        24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21,
        23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
        26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24,
        21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
        26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
    ];

    private static readonly uint[] Codes = new uint[257];
    private static readonly ushort[] SortedSymbols = new ushort[257];

    // For each length: the first code above it, left-justified in 32 bits, and where its symbols begin.
    private static readonly uint[] LimitOfLength = new uint[LongestCode + 1];
    private static readonly int[] OffsetOfLength = new int[LongestCode + 1];

    // symbol << 4 | length; 0 where the code is longer.
    private static readonly ushort[] Fast = new ushort[1 << FastBits];

    static HuffmanCode()
    {
        uint code = 0;
        int sorted = 0;
        for (int length = 5; length <= LongestCode; length++)
        {
            OffsetOfLength[length] = sorted - (int)code;
            for (int symbol = 0; symbol < Lengths.Length; symbol++)
            {
                if (Lengths[symbol] == length)
                {
                    SortedSymbols[sorted++] = (ushort)symbol;
                    Assign(symbol, code++, length);
                }
            }

            // The longest code ends at 2^32, which does not fit: every remaining prefix belongs to it.
            LimitOfLength[length] = length == LongestCode ? uint.MaxValue : code << (32 - length);
            code <<= 1;
        }
    }

    public static int LengthOf(int symbol) => Lengths[symbol];

    public static uint CodeOf(int symbol) => Codes[symbol];

    /// <summary>The symbol at the top of <paramref name="bits"/>, and its length.</summary>
    public static int Find(uint bits, out int length)
    {
        ushort fast = Fast[bits >> (32 - FastBits)];
        if (fast != 0)
        {
            length = fast & 0xf;
            return fast >> 4;
        }

        length = FastBits + 1;
        while (length < LongestCode && bits >= LimitOfLength[length])
        {
            length++;
        }

        return SortedSymbols[(int)(bits >> (32 - length)) + OffsetOfLength[length]];
    }

    private static void Assign(int symbol, uint code, int length)
    {
        Codes[symbol] = code;
        if (length <= FastBits)
        {
            int first = (int)code << (FastBits - length);
            Fast.AsSpan(first, 1 << (FastBits - length)).Fill((ushort)((symbol << 4) | length));
        }
    }
}
