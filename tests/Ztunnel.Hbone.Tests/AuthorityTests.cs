namespace Ztunnel.Hbone.Tests;

public sealed class AuthorityTests
{
    [Theory]
    [InlineData("svc.ns.svc.cluster.local:80", "svc.ns.svc.cluster.local", 80)]
    [InlineData("UPPER:65535", "UPPER", 65535)]
    [InlineData("user@host:1", "user@host", 1)]
    [InlineData("a:b:1", "a:b", 1)]
    [InlineData("h:00080", "h", 80)]
    public void TryParse_HostAndPort_AreTakenLiterally(string text, string host, int port)
    {
        Assert.True(Authority.TryParse(text, out Authority authority));
        Assert.Equal(new Authority(host, (ushort)port), authority);
    }

    [Theory]
    [InlineData("")]
    [InlineData("host")]
    [InlineData(":80")]
    [InlineData("host:")]
    [InlineData("host:http")]
    [InlineData("host:65536")]
    [InlineData("host:-1")]
    [InlineData("host:+1")]
    [InlineData("host: 1")]
    [InlineData("host:000080")]
    public void TryParse_NoHostOrNoPort_Fails(string text) => Assert.False(Authority.TryParse(text, out _));
}
