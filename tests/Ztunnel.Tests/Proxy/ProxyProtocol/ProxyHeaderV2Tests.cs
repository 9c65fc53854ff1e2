using Ztunnel.Linux;
using Ztunnel.Proxy.ProxyProtocol;

namespace Ztunnel.Tests.Proxy.ProxyProtocol;

public class ProxyHeaderV2Tests
{
    private const string Signature = "0D0A0D0A000D0A515549540A";
    private const string Id = "spiffe://cluster.local/ns/a/sa/b";

    [Theory]
    [InlineData("10.0.0.1:49152", "10.0.0.2:80", null, "2111" + "000C" + "0A000001" + "0A000002" + "C000" + "0050")]
    [InlineData(
        "[2001:db8::1]:1",
        "[2001:db8::2]:65535",
        null,
        "2121" + "0024" + "20010DB8000000000000000000000001" + "20010DB8000000000000000000000002" + "0001FFFF")]
    [InlineData("10.0.0.1:1", "[2001:db8::2]:2", null, "21" + "01" + "0000")]
    [InlineData(
        "10.0.0.1:1",
        "10.0.0.2:2",
        Id,
        "21" + "11" + "002F" + "0A000001" + "0A000002" + "0001" + "0002"
        + "D0" + "0020" + "7370696666653A2F2F636C75737465722E6C6F63616C2F6E732F612F73612F62")]
    [InlineData("[::1]:1", "10.0.0.2:2", "é", "21" + "01" + "0005" + "D0" + "0002" + "C3A9")]
    [InlineData("10.0.0.1:1", "[::1]:2", "", "21" + "01" + "0003" + "D0" + "0000")]
    public void Write_OfTheseEnds_IsThisHeader(string source, string destination, string? id, string afterSignature)
    {
        byte[] header = Write(source, destination, id);

        Assert.Equal(Signature + afterSignature, Convert.ToHexString(header));
    }

    [Theory]
    [InlineData(65535 - 36 - 3, true)]
    [InlineData(65535 - 36 - 2, false)]
    public void Write_IdentityBeyondTheLengthField_IsLeftOut(int length, bool written)
    {
        byte[] header = Write("[::1]:1", "[::2]:2", new string('a', length));

        Assert.Equal(16 + 36 + (written ? 3 + length : 0), header.Length);
        Assert.Equal(header.Length - 16, (header[14] << 8) | header[15]);
    }

    private static byte[] Write(string source, string destination, string? id)
    {
        (InetEndpoint from, InetEndpoint to) = (InetEndpoint.Parse(source), InetEndpoint.Parse(destination));
        byte[] header = new byte[ProxyHeaderV2.Size(from, to, id)]; // exactly: one byte over would throw

        Assert.Equal(header.Length, ProxyHeaderV2.Write(header, from, to, id));

        return header;
    }
}
