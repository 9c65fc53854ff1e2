using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Ztunnel.Certificates;
using Ztunnel.Certificates.Secrets;
using Ztunnel.Identity;
using Ztunnel.Protos.Secrets;
using Ztunnel.Tests.OpenSsl;

namespace Ztunnel.Tests.Certificates.Secrets;

public sealed class SecretReaderTests : IDisposable
{
    private static readonly SpiffeId s_cart = SecretLab.Cart;

    private readonly TestRoot _root = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("sds").FullName;
    private readonly SecretReader _reader = new(
        new CertificateReader(true, TimeProvider.System, NullLogger.Instance, failure: ""));

    public void Dispose()
    {
        _root.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData("0affffffff07")]
    [InlineData("12ffffffff07")]
    [InlineData("120612ffffffff07")]
    [InlineData("0a")]
    public void Read_NoSecret_IsRefused(string hex)
    {
        ByteString bytes = ByteString.CopyFrom(Convert.FromHexString(hex));

        Assert.StartsWith(
            "decode: ",
            Assert.Throws<SecretException>(() => SecretReader.ReadCertificate("x", bytes, s_cart)).Message,
            StringComparison.Ordinal);
        Assert.Throws<SecretException>(() => _reader.ReadBundle("x", bytes));
    }

    [Theory]
    [InlineData("pkcs8")]
    [InlineData("sec1")]
    [InlineData("rsa")]
    public void ReadCertificate_EveryFormOfKey_IsRead(string form)
    {
        Secret secret = form == "rsa" ? RsaSecret() : SecretLab.CertificateOf(s_cart, _root);
        if (form == "pkcs8")
        {
            using ECDsa key = ECDsa.Create();
            key.ImportFromPem(secret.TlsCertificate.PrivateKey.InlineBytes.ToStringUtf8());
            secret.TlsCertificate.PrivateKey = Inline(key.ExportPkcs8PrivateKeyPem());
        }

        using SecretCertificate read = Read(secret);

        Assert.Equal(read.Chain[0].PublicKey.ExportSubjectPublicKeyInfo(), read.Key.SubjectPublicKeyInfo());
    }

    [Fact]
    public void ReadCertificate_Files_AreRead()
    {
        Secret secret = SecretLab.CertificateOf(s_cart, _root);
        secret.TlsCertificate.PrivateKey = File("key.pem", secret.TlsCertificate.PrivateKey.InlineBytes);
        secret.TlsCertificate.CertificateChain = File("cert.pem", secret.TlsCertificate.CertificateChain.InlineBytes);

        using SecretCertificate read = Read(secret);

        Assert.Equal(2, read.Chain.Count);
    }

    public static TheoryData<string, Action<Secret>> Refusals => new()
    {
        { "its own name is other", secret => secret.Name = "other" },
        { "it holds None, wanted a TLS certificate", secret => secret.ClearType() },
        { "it holds ValidationContext, wanted a TLS certificate", secret => secret.ValidationContext = new() },
        {
            "private keys with a password are not supported",
            secret => secret.TlsCertificate.Password = Inline("x")
        },
        {
            "private_key_provider is not supported: the key itself is needed",
            secret => secret.TlsCertificate.PrivateKeyProvider = new()
        },
        {
            "pkcs12 is not supported: send certificate_chain and private_key",
            secret => secret.TlsCertificate.Pkcs12 = Inline("x")
        },
        { "private_key is missing", secret => secret.TlsCertificate.PrivateKey = null },
        { "certificate_chain is missing", secret => secret.TlsCertificate.CertificateChain = new() },
        { "certificate_chain has no certificate", secret => secret.TlsCertificate.CertificateChain = Inline("") },
        {
            "private_key: the variable ZTUNNEL_NOT_THERE is not set",
            secret => secret.TlsCertificate.PrivateKey = new() { EnvironmentVariable = "ZTUNNEL_NOT_THERE" }
        },
    };

    [Theory, MemberData(nameof(Refusals))]
    public void ReadCertificate_Unusable_SaysWhy(string reason, Action<Secret> spoil)
    {
        Secret secret = SecretLab.CertificateOf(s_cart, _root);
        spoil(secret);

        SecretException refusal = Assert.Throws<SecretException>(
            () => SecretReader.ReadCertificate(s_cart.ToString(), secret.ToByteString(), s_cart));

        Assert.Equal(reason, refusal.Message);
    }

    [Fact]
    public void ReadCertificate_EncryptedKey_IsRefusedWithoutAskingForAPassphrase()
    {
        using ECDsa key = ECDsa.Create();
        Secret secret = SecretLab.CertificateOf(s_cart, _root, change: tls => tls.PrivateKey = Inline(
            key.ExportEncryptedPkcs8PrivateKeyPem(
                "secret", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000))));

        Assert.Throws<SecretException>(() => Read(secret));
    }

    [Fact]
    public void ReadCertificate_EveryCutOfAGoodOne_IsReadOrRefused()
    {
        byte[] whole = SecretLab.CertificateOf(s_cart, _root).ToByteArray();
        for (int length = 0; length < whole.Length; length++)
        {
            ByteString cut = ByteString.CopyFrom(whole, 0, length);

            Assert.Throws<SecretException>(() => SecretReader.ReadCertificate(s_cart.ToString(), cut, s_cart));
        }
    }

    [Fact]
    public void Read_RandomBytes_AreRefused()
    {
        Random random = new(11);
        for (int round = 0; round < 2000; round++)
        {
            byte[] bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            ByteString value = ByteString.CopyFrom(bytes);

            Assert.Throws<SecretException>(() => SecretReader.ReadCertificate("n", value, s_cart));
            Assert.Throws<SecretException>(() => _reader.ReadBundle("n", value));
        }
    }

    [Fact]
    public void ReadBundle_LeafAmongRoots_IsLeftOut()
    {
        using X509Certificate2 leaf = _root.IssueWithKey(new TestLeaf("spiffe://td/ns/n/sa/s"));
        Secret secret = SecretLab.BundleOf(_root);
        secret.ValidationContext.TrustedCa = Inline(
            leaf.ExportCertificatePem() + "\n" + secret.ValidationContext.TrustedCa.InlineBytes.ToStringUtf8());

        using SecretBundle bundle = _reader.ReadBundle(SecretLab.Bundle, secret.ToByteString());

        Assert.Equal(_root.Der, Assert.Single(bundle.Roots).RawData);
    }

    private Secret RsaSecret()
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new(
            "CN=x", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        SubjectAlternativeNameBuilder names = new();
        names.AddUri(new Uri(s_cart.ToString()));
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate = request.CreateSelfSigned(
            DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
        return new Secret
        {
            Name = s_cart.ToString(),
            TlsCertificate = new TlsCertificate
            {
                CertificateChain = Inline(certificate.ExportCertificatePem()),
                PrivateKey = Inline(key.ExportRSAPrivateKeyPem()),
            },
        };
    }

    private DataSource File(string name, ByteString content)
    {
        string path = Path.Combine(_directory, name);
        System.IO.File.WriteAllBytes(path, content.ToByteArray());
        return new DataSource { Filename = path };
    }

    private static DataSource Inline(string text) => new() { InlineString = text };

    private static SecretCertificate Read(Secret secret) =>
        SecretReader.ReadCertificate(s_cart.ToString(), secret.ToByteString(), s_cart);
}
