using Ztunnel.Linux;
using Ztunnel.State;

namespace Ztunnel.Tests.State;

public sealed class CidrTests
{
    [Theory]
    [InlineData("10.0.0.0/8", "10.255.0.1", true)]
    [InlineData("10.0.0.0/8", "11.0.0.1", false)]
    [InlineData("10.1.2.3/8", "10.9.9.9", true)]
    [InlineData("1.2.3.4/32", "1.2.3.4", true)]
    [InlineData("1.2.3.4/32", "1.2.3.5", false)]
    [InlineData("0.0.0.0/0", "255.255.255.255", true)]
    [InlineData("0.0.0.0/0", "::1", false)]
    [InlineData("::/0", "::1", true)]
    [InlineData("::/0", "1.1.1.1", false)]
    [InlineData("fd00::/8", "fd12::1", true)]
    [InlineData("fd00::/8", "fe80::1", false)]
    [InlineData("fd00::1/128", "fd00::1", true)]
    [InlineData("fd00::1/128", "fd00::2", false)]
    public void Contains_Address_IsInsideOrNot(string range, string address, bool inside)
    {
        Assert.True(Cidr.TryParse(range, out Cidr cidr));
        Assert.Equal(inside, cidr.Contains(InetAddress.Parse(address)));
        Assert.Equal(range, cidr.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("10.0.0.0")]
    [InlineData("10.0.0.0/33")]
    [InlineData("::/129")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/8/8")]
    [InlineData("x/8")]
    public void TryParse_Malformed_IsRefused(string text) => Assert.False(Cidr.TryParse(text, out _));

    [Fact]
    public void Constructor_PrefixTooLong_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Cidr(InetAddress.LoopbackV4, 33));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Cidr(InetAddress.LoopbackV6, -1));
        Assert.True(new Cidr(InetAddress.LoopbackV6, 128).IsSingleAddress);
        Assert.Equal(InetAddress.Parse("10.0.0.0"), new Cidr(InetAddress.Parse("10.9.8.7"), 8).Start);
    }
}
