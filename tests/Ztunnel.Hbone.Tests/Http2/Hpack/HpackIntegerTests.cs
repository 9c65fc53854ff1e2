using Ztunnel.Hbone.Http2.Hpack;

namespace Ztunnel.Hbone.Tests.Http2.Hpack;

public sealed class HpackIntegerTests
{
    [Theory] // RFC 7541 C.1
    [InlineData(10, 5, "0a")]
    [InlineData(1337, 5, "1f9a0a")]
    [InlineData(42, 8, "2a")]
    [InlineData(31, 5, "1f00")]
    [InlineData(127, 7, "7f00")]
    [InlineData(0, 7, "00")]
    public void Encode_Value_YieldsOctetsThatDecode(int value, int prefix, string octets)
    {
        byte[] output = new byte[HpackInteger.MaxEncodedLength];
        int length = HpackInteger.Encode(output, 0, prefix, value);
        int position = 0;

        Assert.Equal(octets, Convert.ToHexStringLower(output, 0, length));
        Assert.True(HpackInteger.TryDecode(output.AsSpan(0, length), ref position, prefix, out int decoded));
        Assert.Equal((value, length), (decoded, position));
    }

    [Theory]
    [InlineData("1f")]
    [InlineData("1f80")]
    [InlineData("1f8080808080")] // more than any length we accept
    [InlineData("1fffffffffff7f")]
    public void TryDecode_CutOffOrAbsurd_Fails(string octets)
    {
        int position = 0;

        Assert.False(HpackInteger.TryDecode(Convert.FromHexString(octets), ref position, 5, out _));
    }
}
