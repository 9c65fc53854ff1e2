using Ztunnel.Config;
using Ztunnel.Hosting;
using Ztunnel.Telemetry;
using Ztunnel.Tests.Config;
using Ztunnel.Tests.Telemetry;

namespace Ztunnel.Tests.Hosting;

public sealed class BannerTests
{
    [Fact]
    public void Write_Settings_LooksAsOperatorsKnowIt()
    {
        string[] lines = Write(("XDS_ADDRESS", ""), ("ISTIO_META_DNS_CAPTURE", "false"), ("NODE_NAME", "node1"));

        Assert.StartsWith("2026-11-22T15:33:23.000000Z\tinfo\tztunnel\tversion: version.BuildInfo{Version:\"", lines[0],
            StringComparison.Ordinal);
        Assert.Matches("\tinfo\tztunnel\tset file descriptor limits from [0-9]+ to [0-9]+\t$", lines[1]);
        Assert.EndsWith("\tinfo\tztunnel\trunning with config: proxy: true", lines[2], StringComparison.Ordinal);
        Assert.Contains("localNode: node1", lines);
        Assert.Equal("\t", lines[^1]); // the message ends with a line break, and its fields are none
    }

    [Fact]
    public void Write_MetadataThatIsNoJson_IsNamed() => Assert.Contains(
        Write(("ISTIO_METAJSON_A", "{")),
        line => line.Contains("\terror\tztunnel\tISTIO_METAJSON_A", StringComparison.Ordinal));

    private static string[] Write(params (string, string)[] variables)
    {
        ProxyConfig config = Env.Read(variables);
        using LogCapture log = new();
        Banner.Write(config, BuildInfo.Of("1.2", "test"), log.Factory.CreateScope("ztunnel"));
        return log.Text.TrimEnd('\n').Split('\n');
    }
}
