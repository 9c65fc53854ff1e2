using Ztunnel.Hosting;
using Ztunnel.Tests.OpenSsl;
using Ztunnel.Tests.Policy;
using Ztunnel.Tls;

namespace Ztunnel.Tests.Hosting;

public sealed class RevocationFileTests : IDisposable
{
    private const string Name = "crl.pem";

    private readonly TestFolder _folder = new();
    private readonly TestRoot _root = new();
    private readonly Revocations _revocations = new();
    private readonly LogLines _log = new();

    public void Dispose()
    {
        _root.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Reload_ListsInTheFile_AreInForce()
    {
        using RevocationFile file = New();
        _folder.Replace(Name, TestCrl.Pem(TestCrl.Der(_root)) + TestCrl.Pem(TestCrl.Der(_root)));

        file.Reload();
        file.Reload();

        Assert.Equal(2, _revocations.Current!.Count);
        Assert.Equal(["certificate revocation lists loaded"], _log.Take());
    }

    [Fact]
    public void Reload_NoFileYet_IsSaidOnceAndMended()
    {
        using RevocationFile file = New();
        file.Reload();
        file.Reload();
        Assert.Null(_revocations.Current);
        Assert.Equal(
            $"{_folder[Name]} is not there: no certificate is revoked by it until it is", Assert.Single(_log.Take()));

        _folder.Replace(Name, TestCrl.Pem(TestCrl.Der(_root)));
        file.Reload();

        Assert.NotNull(_revocations.Current);
    }

    [Theory]
    [InlineData("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n")]
    [InlineData("-----BEGIN X509 CRL-----\nMII")]
    [InlineData("0oops")]
    public void Reload_BadContent_LeavesWhatWasInForce(string text)
    {
        using RevocationFile file = New();
        _folder.Replace(Name, TestCrl.Pem(TestCrl.Der(_root)));
        file.Reload();

        _folder.Replace(Name, text);
        file.Reload();
        file.Reload();

        Assert.Equal(1, _revocations.Current!.Count);
        Assert.Contains(
            "cannot be used, the lists that were in force stay: ",
            Assert.Single(_log.Take()[1..]),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Reload_FileGone_LeavesWhatWasInForce()
    {
        using RevocationFile file = New();
        _folder.Replace(Name, TestCrl.Pem(TestCrl.Der(_root)));
        file.Reload();

        File.Delete(_folder[Name]);
        file.Reload();

        Assert.NotNull(_revocations.Current);
    }

    [Fact]
    public void Reload_EmptyFile_RevokesNobody()
    {
        using RevocationFile file = New();
        _folder.Replace(Name, TestCrl.Pem(TestCrl.Der(_root)));
        file.Reload();

        _folder.Replace(Name, "");
        file.Reload();

        Assert.Null(_revocations.Current);
    }

    private RevocationFile New() => new(_folder[Name], _revocations, _log);
}
