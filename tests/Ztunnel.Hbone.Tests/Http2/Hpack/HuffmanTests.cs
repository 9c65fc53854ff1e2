using System.Text;
using Ztunnel.Hbone.Http2.Hpack;

namespace Ztunnel.Hbone.Tests.Http2.Hpack;

public sealed class HuffmanTests
{
    [Theory] // RFC 7541 C.4, C.6
    [InlineData("www.example.com", "f1e3c2e5f23a6ba0ab90f4ff")]
    [InlineData("no-cache", "a8eb10649cbf")]
    [InlineData("custom-value", "25a849e95bb8e8b4bf")]
    [InlineData("", "")]
    public void Encode_KnownText_YieldsKnownOctets(string text, string octets)
    {
        byte[] encoded = Encode(Encoding.ASCII.GetBytes(text));

        Assert.Equal(octets, Convert.ToHexStringLower(encoded));
        Assert.Equal(text, Encoding.ASCII.GetString(Decode(encoded)!));
    }

    [Fact]
    public void Decode_EverySymbolBetweenOthers_ComesBack()
    {
        for (int symbol = 0; symbol < 256; symbol++)
        {
            byte[] text = [(byte)'a', (byte)symbol, (byte)symbol, (byte)'Z', (byte)symbol];
            Assert.Equal(text, Decode(Encode(text)));
        }
    }

    [Fact]
    public void Decode_RandomText_ComesBack()
    {
        Random random = new(1);
        for (int round = 0; round < 2_000; round++)
        {
            byte[] text = new byte[random.Next(100)];
            random.NextBytes(text);
            Assert.Equal(text, Decode(Encode(text)));
        }
    }

    [Theory]
    [InlineData("ff")] // eight bits of padding
    [InlineData("ffff")]
    [InlineData("1fff")] // 'a' and then eleven ones
    [InlineData("18")] // 'a', padded with zeros
    [InlineData("1c")] // 'a', padded with ones and zeros
    [InlineData("ffffffff")] // EOS
    [InlineData("fffffffc")] // EOS and a bit
    [InlineData("ff9c")] // '|' and then ones and zeros
    public void TryDecode_BadPaddingOrEos_Fails(string octets) => Assert.Null(Decode(Convert.FromHexString(octets)));

    [Fact]
    public void TryDecode_RandomOctets_StaysInItsRoom()
    {
        Random random = new(2);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] encoded = new byte[random.Next(50)];
            random.NextBytes(encoded);
            if (Decode(encoded) is { } text)
            {
                Assert.Equal(encoded, Encode(text));
            }
        }
    }

    private static byte[] Encode(byte[] text)
    {
        byte[] output = new byte[Huffman.EncodedLength(text)];
        Assert.Equal(output.Length, Huffman.Encode(text, output));
        return output;
    }

    private static byte[]? Decode(byte[] encoded)
    {
        byte[] output = new byte[Huffman.MaxDecodedLength(encoded.Length)];
        return Huffman.TryDecode(encoded, output, out int written) ? output[..written] : null;
    }
}
