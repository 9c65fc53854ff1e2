using Microsoft.Extensions.Logging;
using Ztunnel.Telemetry;

namespace Ztunnel.Tests.Telemetry;

public sealed class LogFilterTests
{
    private const string Base = "hickory_server::server=off,";

    [Theory]
    [InlineData(null, "info")]
    [InlineData("", "info")]
    [InlineData("info,dns=debug", "dns=debug,info")]
    [InlineData("WARN", "warn")]
    [InlineData("0", "off")]
    [InlineData("5,access=1", "access=error,trace")]
    [InlineData("ztunnel::proxy", "ztunnel::proxy=trace,info")]
    [InlineData(" dns=debug , info ,", "dns=debug,info")]
    [InlineData("dns=debug,dns=warn", "dns=warn,info")]
    [InlineData("a=off,bbb=Debug,cc=trace", "bbb=debug,cc=trace,a=off,info")]
    public void TryParse_StartupFilter_PrintsLongestTargetFirst(string? text, string expected)
    {
        Assert.True(LogFilter.TryParse(text, out LogFilter? filter, out _));

        Assert.Equal(Base + expected, filter.ToString());
    }

    [Theory]
    [InlineData("dns=loud")]
    [InlineData("=info")]
    [InlineData("a[span]=info")]
    [InlineData("a b")]
    public void TryParse_NoDirective_SaysWhich(string text)
    {
        Assert.False(LogFilter.TryParse(text, out _, out string error));

        Assert.Equal($"invalid directive: {text}", error);
    }

    [Theory]
    [InlineData("debug", "dns=debug,debug")]
    [InlineData("access=debug,info", "access=debug,dns=debug,info")]
    [InlineData("access:debug,info", "access=debug,dns=debug,info")]
    [InlineData("ztunnel::proxy=trace", "ztunnel::proxy=trace,dns=debug,info")]
    [InlineData("ztunnel::proxy:trace", "ztunnel::proxy=trace,dns=debug,info")]
    [InlineData("dns=off", "dns=off,info")]
    public void TryWith_Clauses_ReplaceOnlyWhatTheyName(string level, string expected)
    {
        Assert.True(LogFilter.TryParse("dns=debug,info", out LogFilter? filter, out _));

        Assert.True(filter.TryWith(level, out LogFilter? changed));

        Assert.Equal(Base + expected, changed.ToString());
        Assert.Equal($"{Base}dns=debug,info", filter.ToString());
    }

    [Theory]
    [InlineData("DEBUG")]
    [InlineData("foo")]
    [InlineData("xds=foo")]
    [InlineData("ztunnel::proxy")]
    [InlineData("ztunnel::=info")]
    [InlineData("=info")]
    [InlineData("3")]
    [InlineData("info,")]
    [InlineData("warning")]
    public void TryWith_NoLevel_Refuses(string level) => Assert.False(LogFilter.Default.TryWith(level, out _));

    [Theory]
    [InlineData("ztunnel::proxy::inbound", LogLevel.Trace)]
    [InlineData("ztunnel::proxy", LogLevel.Debug)]
    [InlineData("ztunnel::proxyfactory", LogLevel.Debug)] // a plain prefix, not a path
    [InlineData("ztunnel::xds", LogLevel.Warning)]
    [InlineData("access", LogLevel.None)]
    public void LevelOf_SeveralTargets_LongestPrefixWins(string scope, LogLevel expected)
    {
        Assert.True(LogFilter.TryParse(
            "warn,ztunnel::proxy=debug,ztunnel::proxy::in=trace,access=off", out LogFilter? filter, out _));

        Assert.Equal(expected, filter.LevelOf(scope, out _));
    }

    [Fact]
    public void TryParse_RandomText_NeverThrowsAndPrintsWhatItReads()
    {
        Random random = new(7);
        const string Alphabet = "ab:=, []{}\"info0debug9trace";
        for (int round = 0; round < 20_000; round++)
        {
            string text = new([.. Enumerable.Range(0, random.Next(16)).Select(_ => Alphabet[random.Next(Alphabet.Length)])]);
            if (LogFilter.TryParse(text, out LogFilter? filter, out _))
            {
                Assert.True(LogFilter.TryParse(filter.ToString(), out LogFilter? again, out _), filter.ToString());
                Assert.Equal(filter.ToString(), again.ToString());
            }

            LogFilter.Default.TryWith(text, out _);
        }
    }
}
