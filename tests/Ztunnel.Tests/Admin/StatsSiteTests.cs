using Ztunnel.Admin;

namespace Ztunnel.Tests.Admin;

public sealed class StatsSiteTests
{
    [Theory]
    [InlineData(null, false)]
    [InlineData("text/plain;version=0.0.4", false)]
    [InlineData("application/openmetrics-text", true)]
    [InlineData("application/openmetrics-text;version=1.0.0,text/plain;q=0.5", true)]
    [InlineData("text/plain;q=0.5, Application/OpenMetrics-Text ;version=1.0.0;q=0.7", true)]
    [InlineData("application/openmetrics", false)]
    public void ContentTypeFor_Accept_NamesOpenMetricsOnlyWhenAsked(string? accept, bool openMetrics) =>
        Assert.Equal(
            openMetrics ? "application/openmetrics-text;charset=utf-8;version=1.0.0" : "text/plain; charset=utf-8",
            StatsSite.ContentTypeFor(accept));
}
