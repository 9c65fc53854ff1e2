using System.Security.Cryptography;
using Ztunnel.OpenSsl;

namespace Ztunnel.Tests.OpenSsl;

public sealed class OpenSslLibraryTests
{
    [Fact]
    public void Require_Here_FindsVersion3()
    {
        OpenSslLibrary.Require();

        Assert.StartsWith("OpenSSL 3.", OpenSslLibrary.Version, StringComparison.Ordinal);
        Assert.True(OpenSslLibrary.HasGroup("P-256"));
        Assert.False(OpenSslLibrary.HasGroup("P-257"));
    }

    [Fact]
    public void Require_Missing_SaysWhatWhereAndWhatToDo()
    {
        OpenSslMissingException missing = Assert.Throws<OpenSslMissingException>(
            () => OpenSslLibrary.Require("libnowhere.so.3"));

        Assert.Equal(
            "cannot load libnowhere.so.3: it is not there or not for this machine; TLS needs the system's OpenSSL 3.0 "
            + "to 3.5, so install it (Debian, Ubuntu: libssl3 or libssl3t64; Fedora, RHEL: openssl-libs; Alpine: libssl3)",
            missing.Message);
    }

    [Fact]
    public void Create_KeyIsAnothers_SaysSo()
    {
        using TestRoot root = new();
        using EvpKey key = EvpKey.GenerateP256();
        using EvpKey other = EvpKey.GenerateP256();

        CryptographicException refused = Assert.Throws<CryptographicException>(() => TlsContext.Create(
            TlsRole.Server, new(), other, [root.Issue(key, new TestLeaf(TlsLab.Uri))], [root.Der]));

        Assert.Equal("cannot use private key: key values mismatch", refused.Message);
    }

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 0x30, 0x03, 0x02, 0x01, 0x00 })]
    public void Create_NotACertificate_SaysSo(byte[] der)
    {
        using EvpKey key = EvpKey.GenerateP256();

        CryptographicException refused = Assert.Throws<CryptographicException>(
            () => TlsContext.Create(TlsRole.Server, new(), key, [der], []));

        Assert.StartsWith("cannot read certificate: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_BytesBehindTheCertificate_IsRefused()
    {
        using TestRoot root = new();
        using EvpKey key = EvpKey.GenerateP256();
        byte[] leaf = root.Issue(key, new TestLeaf(TlsLab.Uri));

        Assert.Throws<CryptographicException>(
            () => TlsContext.Create(TlsRole.Client, new(), key, [[.. leaf, 0]], [root.Der]));
        Assert.Throws<CryptographicException>(
            () => TlsContext.Create(TlsRole.Client, new(), key, [leaf], [[.. root.Der, 0]]));
    }

    [Fact]
    public void UriSans_AllKindsOfNames_GivesUrisInOrderAndUnchanged()
    {
        using TestRoot root = new();
        using EvpKey key = EvpKey.GenerateP256();
        string[] uris = ["spiffe://TD/ns/%41/sa/b", "", "https://a/\0b", "spiffe://td/ns/a/sa/b"];

        Assert.Equal(uris, X509Certificates.UriSans(root.Issue(key, new TestLeaf(uris) { DnsName = "spiffe://no" })));
        Assert.Empty(X509Certificates.UriSans(root.Issue(key, new TestLeaf())));
    }
}
