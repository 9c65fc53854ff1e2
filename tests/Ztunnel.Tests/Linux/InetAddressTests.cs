using System.Net;
using Ztunnel.Linux;

namespace Ztunnel.Tests.Linux;

public class InetAddressTests
{
    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("10.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("2001:db8::ff00:42:8329")]
    [InlineData("fe80::1")]
    public void ToString_OfParsed_IsTheCanonicalText(string text) =>
        Assert.Equal(text, InetAddress.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1.2.3")]
    [InlineData("1.2.3.4.5")]
    [InlineData("1.2.3.256")]
    [InlineData("01.2.3.4")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("1..2.3")]
    [InlineData(" 1.2.3.4")]
    [InlineData("1.2.3.4 ")]
    [InlineData("[::1]")]
    [InlineData("fe80::1%eth0")]
    [InlineData(":::")]
    [InlineData("example.com")]
    public void TryParse_NotAnAddress_IsFalse(string text) => Assert.False(InetAddress.TryParse(text, out _));

    [Fact]
    public void Canonical_MappedV4_BecomesV4()
    {
        InetAddress mapped = InetAddress.Parse("::ffff:10.1.2.3");

        Assert.True(mapped.IsV6);
        Assert.Equal(InetAddress.Parse("10.1.2.3"), mapped.Canonical());
        Assert.NotEqual(InetAddress.Parse("10.1.2.3"), mapped);
        Assert.Equal(InetAddress.Parse("::1"), InetAddress.Parse("::1").Canonical());
    }

    [Fact]
    public void FromBytes_RandomAddresses_AgreesWithIPAddress()
    {
        Random random = new(3);
        Span<byte> written = stackalloc byte[16];
        for (int i = 0; i < 2000; i++)
        {
            byte[] bytes = new byte[i % 2 == 0 ? 4 : 16];
            random.NextBytes(bytes);
            IPAddress expected = new(bytes);

            InetAddress address = InetAddress.FromBytes(bytes);

            Assert.Equal(expected.ToString(), address.ToString());
            Assert.Equal(expected, address.ToIPAddress());
            Assert.Equal(address, InetAddress.From(expected));
            Assert.Equal(address, InetAddress.Parse(expected.ToString()));
            Assert.Equal(bytes, written[..address.WriteTo(written)]);
        }
    }

    [Fact]
    public void TryParse_RandomText_NeverThrowsAndRoundTrips()
    {
        Random random = new(4);
        const string Alphabet = "0123456789abcdef.:[]%/ xF";
        for (int i = 0; i < 50_000; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(24)).Select(_ => Alphabet[random.Next(Alphabet.Length)]));
            if (InetAddress.TryParse(text, out InetAddress address))
            {
                Assert.Equal(address, InetAddress.Parse(address.ToString()));
            }

            if (InetEndpoint.TryParse(text, out InetEndpoint endpoint))
            {
                Assert.Equal(endpoint, InetEndpoint.Parse(endpoint.ToString()));
            }
        }
    }

    [Fact]
    public void CompareTo_BothFamilies_V4First()
    {
        InetAddress[] sorted = [.. ((string[])["::", "10.0.0.2", "ffff::", "10.0.0.1"]).Select(InetAddress.Parse).Order()];

        Assert.Equal(["10.0.0.1", "10.0.0.2", "::", "ffff::"], sorted.Select(address => address.ToString()));
        Assert.NotEqual(InetAddress.AnyV4, InetAddress.AnyV6);
        Assert.True(sorted[0] < sorted[1] && sorted[1] <= sorted[2] && sorted[3] > sorted[2] && sorted[3] >= sorted[2]);
    }

    [Fact]
    public void FromBytes_OtherLength_IsRefused() =>
        Assert.Throws<ArgumentException>(() => InetAddress.FromBytes(new byte[5]));
}
