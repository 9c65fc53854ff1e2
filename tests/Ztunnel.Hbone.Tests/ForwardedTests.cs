namespace Ztunnel.Hbone.Tests;

public sealed class ForwardedTests
{
    [Theory]
    [InlineData("10.0.0.1:80", null, "for=\"10.0.0.1:80\"")]
    [InlineData("[::1]:80", "a.b", "for=\"[::1]:80\";host=a.b")]
    public void Format_SourceAndHost_AreQuotedAsTheWireWants(string source, string? host, string expected) =>
        Assert.Equal(expected, Forwarded.Format(source, host));

    [Theory]
    [InlineData("for=x;host=a.b", "a.b")]
    [InlineData("host=\"a.b\"", "a.b")]
    [InlineData("host=\"\"a\"\"", "\"a\"")]
    [InlineData(" host=a ;host=b", "a")]
    [InlineData("for=x, host=a", null)]
    [InlineData("Host=a", null)]
    [InlineData("host=", null)]
    [InlineData("host=\"", null)]
    [InlineData("host=\"\"", null)]
    [InlineData("host=é", null)]
    [InlineData("", null)]
    public void ParseHost_Value_FollowsTheRule(string value, string? host) =>
        Assert.Equal(host, Forwarded.ParseHost(value));
}
