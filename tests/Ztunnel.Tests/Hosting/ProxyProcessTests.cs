using Ztunnel.Hosting;
using Ztunnel.Tests.Config;

namespace Ztunnel.Tests.Hosting;

public sealed class ProxyProcessTests
{
    [Theory]
    [InlineData("PACKET_MARK", "x\ny", "Error: invalid env var PACKET_MARK=x\\ny (must be a whole number")]
    [InlineData("RUST_LOG", "a=b=c", "Error: invalid env var RUST_LOG=a=b=c (invalid directive: a=b=c)")]
    [InlineData("FAKE_CA", "true", "Error: invalid env var FAKE_CA=true (the embedded CA is for tests only;")]
    public async Task Run_BadSetting_SaysOneLineAndFails(string name, string value, string line)
    {
        List<string> said = [];

        int exit = await ProxyProcess.RunAsync(Env.Of((name, value)), "proxy", said.Add);

        Assert.Equal(ExitCode.Failure, exit);
        Assert.StartsWith(line, Assert.Single(said), StringComparison.Ordinal);
    }
}
