using Ztunnel.Dns.Forwarding;
using Ztunnel.Linux;

namespace Ztunnel.Tests.Dns.Forwarding;

public sealed class ResolvConfTests
{
    [Fact]
    public void Parse_OrdinaryFile_HasEverything()
    {
        ResolvConf conf = ResolvConf.Parse("""
            # made by somebody
            ; and somebody else
            domain left.example
            search default.svc.cluster.local svc.cluster.local
            nameserver 10.96.0.10
            nameserver	fd96::a
            options ndots:5 timeout:3 attempts:4 rotate edns0
            """);

        Assert.Equal([At("10.96.0.10", 53), At("fd96::a", 53)], conf.Servers);
        Assert.Equal(["default.svc.cluster.local", "svc.cluster.local"], conf.Search);
        Assert.Equal((TimeSpan.FromSeconds(3), 4, true), (conf.Timeout, conf.Attempts, conf.Rotates));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nameserver")]
    [InlineData("nameserver localhost")]
    [InlineData("nameserver fe80::1%eth0")]
    [InlineData("nameserver [10.0.0.1]:port")]
    [InlineData("nameserver [10.0.0.1]:70000")]
    [InlineData("#nameserver 10.0.0.1")]
    [InlineData("nameservers 10.0.0.1")]
    [InlineData("options timeout:x attempts:-1 timeout")]
    public void Parse_NothingOfUse_IsTheDefault(string text)
    {
        ResolvConf conf = ResolvConf.Parse(text);

        Assert.Empty(conf.Servers);
        Assert.Equal((TimeSpan.FromSeconds(5), 2, false), (conf.Timeout, conf.Attempts, conf.Rotates));
    }

    [Fact]
    public void Parse_Extremes_AreBounded()
    {
        ResolvConf conf = ResolvConf.Parse("options timeout:0 attempts:99\noptions timeout:0\n");
        Assert.Equal((TimeSpan.FromSeconds(1), 5), (conf.Timeout, conf.Attempts));
        Assert.Equal(TimeSpan.FromSeconds(30), ResolvConf.Parse("options timeout:86400").Timeout);
        Assert.Equal(3, ResolvConf.Parse("nameserver 1.1.1.1\nnameserver 1.1.1.2\nnameserver 1.1.1.3\nnameserver 1.1.1.4").Servers.Count);
    }

    [Theory]
    [InlineData("nameserver [10.0.0.1]:5353", "10.0.0.1", 5353)]
    [InlineData("nameserver [fd00::1]:5353", "fd00::1", 5353)]
    public void Parse_ServerWithAPort_HasIt(string text, string address, ushort port) =>
        Assert.Equal([At(address, port)], ResolvConf.Parse(text).Servers);

    [Fact]
    public void Plan_Rounds_TakeOneTimeoutTogether()
    {
        InetEndpoint[] servers = [At("10.0.0.1", 53), At("10.0.0.2", 53)];
        UpstreamPlan plan = new(servers, First: 1, TimeSpan.FromSeconds(5), Rounds: 3);

        Assert.Equal((6, TimeSpan.FromSeconds(2.5)), (plan.Steps, plan.Patience));
        Assert.Equal([1, 0, 1, 0, 1, 0], Enumerable.Range(0, 6).Select(plan.IndexOf));
        Assert.Equal([true, false, false], Enumerable.Range(0, 3).Select(plan.HasFresh));
    }

    private static InetEndpoint At(string address, ushort port) => new(InetAddress.Parse(address), port);
}
