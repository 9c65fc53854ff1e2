using Ztunnel.Certificates;
using Ztunnel.Config;
using Ztunnel.Hosting;
using Ztunnel.Tests.Config;
using Ztunnel.Tests.Telemetry;

namespace Ztunnel.Tests.Hosting;

public sealed class SettingsTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly LogCapture _log = new();

    public void Dispose()
    {
        _folder.Dispose();
        _log.Dispose();
    }

    [Fact]
    public void Open_FilterThatIsNone_NamesTheVariable() => Assert.Equal(
        "invalid env var RUST_LOG=a=b=c (invalid directive: a=b=c)",
        Assert.Throws<ConfigException>(
            () => Logging.Open(new LogOptions { Filter = "a=b=c" }, Stream.Null, TimeProvider.System)).Message);

    [Fact]
    public void Create_RealCa_IsTheClient()
    {
        ICertificateAuthority authority = Authorities.Create(
            Env.Read(("CA_ADDRESS", "ca:1")), _log.Factory, TimeProvider.System);

        using CaClient client = Assert.IsType<CaClient>(authority);
        Assert.Empty(_log.Text);
    }

    [Fact]
    public void Create_EmbeddedCa_IsMade() => Assert.IsType<EmbeddedCa>(Create(_folder.Path));

    [Fact]
    public void Announce_IstiosCa_SaysNothing()
    {
        Authorities.Announce(Env.Read(("CA_ADDRESS", "ca:1")), _log.Factory);

        Assert.Empty(_log.Text);
    }

    [Fact]
    public void Announce_EmbeddedCa_SaysThatItIsNoneForProduction()
    {
        Authorities.Announce(Env.Read(("FAKE_CA", "true"), ("ZTUNNEL_ALLOW_FAKE_CA", "true")), _log.Factory);

        Assert.Contains("\twarn\tidentity::caclient\tthe embedded CA signs", _log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_EmbeddedCaWithoutUsableDirectory_NamesTheVariable()
    {
        _folder.Replace("file", "");

        StartupFailure failure = Assert.Throws<StartupFailure>(() => Create(_folder["file"]));

        Assert.StartsWith($"ZTUNNEL_FAKE_CA_DIR={_folder["file"]}: ", failure.Message, StringComparison.Ordinal);
    }

    private ICertificateAuthority Create(string directory) => Authorities.Create(
        Env.Read(("FAKE_CA", "true"), ("ZTUNNEL_ALLOW_FAKE_CA", "true"), ("ZTUNNEL_FAKE_CA_DIR", directory)),
        _log.Factory,
        TimeProvider.System);
}
