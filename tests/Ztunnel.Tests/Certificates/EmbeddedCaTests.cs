using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Ztunnel.Certificates;
using Ztunnel.Identity;
using Ztunnel.OpenSsl;

namespace Ztunnel.Tests.Certificates;

public sealed class EmbeddedCaTests : IDisposable
{
    private static readonly SpiffeId s_cart = new("Cluster.Local", "shop", "cart"); // the case must survive

    private readonly string _directory = Directory.CreateTempSubdirectory("embedded").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Create_Request_HasEmptySubjectAndOneCriticalSan()
    {
        using EvpKey key = EvpKey.GenerateP256();

        CertificateRequest request = CertificateRequest.LoadSigningRequestPem(
            SigningRequest.Create(key, s_cart),
            HashAlgorithmName.SHA256,
            CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions); // verifies the signature too

        Assert.Empty(request.SubjectName.Name);
        X509Extension san = Assert.Single(request.CertificateExtensions);
        Assert.Equal("2.5.29.17", san.Oid!.Value);
        Assert.True(san.Critical);
        AsnReader names = new AsnReader(san.RawData, AsnEncodingRules.DER).ReadSequence();
        Assert.Equal(
            s_cart.ToString(),
            names.ReadCharacterString(UniversalTagNumber.IA5String, new Asn1Tag(TagClass.ContextSpecific, 6)));
        Assert.False(names.HasData);
        Assert.Equal(key.SubjectPublicKeyInfo(), request.PublicKey.ExportSubjectPublicKeyInfo());
    }

    [Fact]
    public async Task IssueAsync_AnyIdentity_PassesTheChecksOfAnyCa()
    {
        using EmbeddedRoot root = EmbeddedRoot.Create(TimeProvider.System);

        IssuedCertificate issued = await IssueAsync(root);

        using X509Certificate2 leaf = X509CertificateLoader.LoadCertificate(issued.Chain[0].Der);
        Assert.Equal(s_cart, SpiffeSan.Read(leaf));
        Assert.Equal("", leaf.Subject);
    }

    [Fact]
    public async Task LoadOrCreate_ManyAtOnce_ShareOneRoot()
    {
        EmbeddedRoot[] roots = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            Task.Run(() => EmbeddedRoot.LoadOrCreate(_directory, TimeProvider.System))));

        Assert.All(roots, root => Assert.Equal(roots[0].Certificate, root.Certificate));
        await IssueAsync(roots[7]); // key and certificate belong together
        Assert.Equal(["embedded-ca"], Directory.EnumerateFileSystemEntries(_directory).Select(Path.GetFileName));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite,
            File.GetUnixFileMode(Path.Combine(_directory, "embedded-ca", "root-key.pem")));
        Array.ForEach(roots, root => root.Dispose());
    }

    [Fact]
    public void LoadOrCreate_KeyReadableForOthers_IsRefused()
    {
        EmbeddedRoot.LoadOrCreate(_directory, TimeProvider.System).Dispose();
        File.SetUnixFileMode(
            Path.Combine(_directory, "embedded-ca", "root-key.pem"),
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);

        Assert.Throws<IOException>(() => EmbeddedRoot.LoadOrCreate(_directory, TimeProvider.System));
    }

    [Fact]
    public async Task Write_AvailableAndFailed_MatchesTheReference()
    {
        using EmbeddedRoot root = EmbeddedRoot.Create(TimeProvider.System);
        IssuedCertificate issued = await IssueAsync(root);
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            CertificateDump.Write(json,
            [
                new CertificateStatus(s_cart, "Available", issued),
                new CertificateStatus(s_cart, "Unavailable: no", null),
            ]);
        }

        using JsonDocument dump = JsonDocument.Parse(stream.ToArray());
        JsonElement available = dump.RootElement[0];
        JsonElement leaf = available.GetProperty("certChain")[0];
        string pem = Encoding.ASCII.GetString(leaf.GetProperty("pem").GetBytesFromBase64());
        using X509Certificate2 certificate = X509Certificate2.CreateFromPem(pem);
        Assert.EndsWith("-----END CERTIFICATE-----\n", pem, StringComparison.Ordinal);
        Assert.Equal(issued.Chain[0].Der, certificate.RawData);
        Assert.Equal(
            $"{issued.NotAfter.UtcDateTime:yyyy-MM-ddTHH:mm:ss}Z", leaf.GetProperty("expirationTime").GetString());
        Assert.Matches("^[0-9]+$", leaf.GetProperty("serialNumber").GetString());
        Assert.Equal(1, available.GetProperty("rootCerts").GetArrayLength());
        Assert.Equal("Unavailable: no", dump.RootElement[1].GetProperty("state").GetString());
        Assert.Equal(0, dump.RootElement[1].GetProperty("certChain").GetArrayLength());
    }

    private static async Task<IssuedCertificate> IssueAsync(EmbeddedRoot root)
    {
        EmbeddedCa authority = new(root, TimeSpan.FromHours(1), TimeProvider.System);
        CertificateReader reader = new(requireIdentity: true, TimeProvider.System, NullLogger.Instance);
        return await new CertificateIssuer(authority, reader).IssueAsync(s_cart, CancellationToken.None);
    }
}
