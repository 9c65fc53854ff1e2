using Ztunnel.Linux;

namespace Ztunnel.Tests.Linux;

public class InetEndpointTests
{
    private const string V6Text = "[2001:db8::1]:65535";

    public static TheoryData<int> EveryCut => [.. Enumerable.Range(0, V6Text.Length)];

    [Theory]
    [InlineData("1.2.3.4:0")]
    [InlineData("1.2.3.4:15008")]
    [InlineData("[::1]:80")]
    [InlineData(V6Text)]
    public void ToString_OfParsed_IsTheSameText(string text) => Assert.Equal(text, InetEndpoint.Parse(text).ToString());

    [Theory, MemberData(nameof(EveryCut))]
    public void TryParse_CutAnywhere_IsFalseOrAnotherPort(int cut)
    {
        bool parsed = InetEndpoint.TryParse(V6Text.AsSpan(0, cut), out InetEndpoint endpoint);

        Assert.Equal(cut > V6Text.LastIndexOf(':') + 1, parsed);
        Assert.Equal(parsed ? V6Text[..cut] : "0.0.0.0:0", endpoint.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData(":80")]
    [InlineData("1.2.3.4")]
    [InlineData("1.2.3.4:")]
    [InlineData("1.2.3.4:65536")]
    [InlineData("1.2.3.4:-1")]
    [InlineData("1.2.3.4:+1")]
    [InlineData("1.2.3.4: 1")]
    [InlineData("::1:80")]
    [InlineData("[1.2.3.4]:80")]
    [InlineData("[]:80")]
    [InlineData("[::1]80")]
    [InlineData("localhost:80")]
    public void TryParse_NotAnEndpoint_IsFalse(string text) => Assert.False(InetEndpoint.TryParse(text, out _));
}
