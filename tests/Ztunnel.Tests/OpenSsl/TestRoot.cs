using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ztunnel.OpenSsl;

namespace Ztunnel.Tests.OpenSsl;

/// <summary>A certificate authority: a root, or one below another.</summary>
internal sealed class TestRoot : IDisposable
{
    public const string ServerAuth = "1.3.6.1.5.5.7.3.1";
    public const string ClientAuth = "1.3.6.1.5.5.7.3.2";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;

    public TestRoot(string name = "root", TestRoot? issuer = null, bool isAuthority = true, int days = 3650)
    {
        CertificateRequest request = new($"O={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        DateTimeOffset start = DateTimeOffset.UtcNow.AddDays(-30);
        _certificate = issuer is null
            ? request.CreateSelfSigned(start, DateTimeOffset.UtcNow.AddDays(days))
            : issuer.Sign(request, start, DateTimeOffset.UtcNow.AddDays(days));
    }

    public byte[] Der => _certificate.RawData;

    public X509Certificate2 Certificate => _certificate;

    /// <summary>A leaf as a mesh CA makes it, for a key inside libcrypto.</summary>
    public byte[] Issue(EvpKey key, TestLeaf leaf)
    {
        CertificateRequest request = new(
            new X500DistinguishedName(""),
            PublicKey.CreateFromSubjectPublicKeyInfo(key.SubjectPublicKeyInfo(), out _),
            HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = Issue(request, leaf);
        return certificate.RawData;
    }

    /// <summary>A leaf with its key, for peers built on the BCL.</summary>
    public X509Certificate2 IssueWithKey(TestLeaf leaf)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new(new X500DistinguishedName(""), key, HashAlgorithmName.SHA256);
        using X509Certificate2 bare = Issue(request, leaf);
        using X509Certificate2 withKey = bare.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), password: null);
    }

    /// <summary>A revocation list of this authority.</summary>
    public byte[] SignCrl(CertificateRevocationListBuilder builder, DateTimeOffset nextUpdate) => builder.Build(
        _certificate.SubjectName,
        X509SignatureGenerator.CreateForECDsa(_key),
        crlNumber: 1,
        nextUpdate,
        HashAlgorithmName.SHA256,
        X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(
            new X509SubjectKeyIdentifierExtension(_certificate.PublicKey, critical: false)),
        thisUpdate: nextUpdate - TimeSpan.FromDays(1));

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
    }

    private X509Certificate2 Issue(CertificateRequest request, TestLeaf leaf)
    {
        if (leaf.Uris.Count > 0 || leaf.DnsName is not null)
        {
            request.CertificateExtensions.Add(Names(leaf));
        }

        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        if (leaf.Usages is not null)
        {
            OidCollection usages = [];
            leaf.Usages.ToList().ForEach(usage => usages.Add(new Oid(usage)));
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(usages, critical: false));
        }

        if (leaf.Padding > 0)
        {
            request.CertificateExtensions.Add(new X509Extension("1.3.9999.1", new byte[leaf.Padding], critical: false));
        }

        return Sign(request, DateTimeOffset.UtcNow + leaf.StartsIn, DateTimeOffset.UtcNow + leaf.EndsIn);
    }

    private X509Certificate2 Sign(CertificateRequest request, DateTimeOffset start, DateTimeOffset end) =>
        request.Create(
            _certificate.SubjectName,
            X509SignatureGenerator.CreateForECDsa(_key),
            start,
            end,
            [0x40, .. RandomNumberGenerator.GetBytes(15)]); // positive

    // By hand, because names that are no URIs are wanted too.
    private static X509Extension Names(TestLeaf leaf)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            if (leaf.DnsName is not null)
            {
                writer.WriteCharacterString(
                    UniversalTagNumber.IA5String, leaf.DnsName, new Asn1Tag(TagClass.ContextSpecific, 2));
            }

            foreach (string uri in leaf.Uris)
            {
                writer.WriteCharacterString(
                    UniversalTagNumber.IA5String, uri, new Asn1Tag(TagClass.ContextSpecific, 6));
            }
        }

        return new X509Extension("2.5.29.17", writer.Encode(), critical: true);
    }
}
