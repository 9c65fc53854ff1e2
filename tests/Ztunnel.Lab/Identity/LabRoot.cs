using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Ztunnel.Lab;

/// <summary>
/// A root of trust and the certificates it signs, as Istio's CA shapes them: empty subject, critical SAN.
/// </summary>
public sealed class LabRoot : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;

    public LabRoot(string organization = "lab root")
    {
        CertificateRequest request = new($"O={organization}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign | X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        _certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-2), DateTimeOffset.UtcNow.AddDays(3650));
        Pem = _certificate.ExportCertificatePem() + "\n";
        Bundle = Pem;
    }

    public string Pem { get; }

    /// <summary>Roots that go out with what it signs: itself, and during a rotation another.</summary>
    public string Bundle { get; set; }

    /// <summary>A certificate with its key, for our own clients and servers.</summary>
    public X509Certificate2 Issue(LeafSpec spec)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 bare = Sign(new PublicKey(key), spec);
        using X509Certificate2 withKey = bare.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), password: null);
    }

    public X509Certificate2 Issue(Pod pod) => Issue(LeafSpec.Of(pod.SpiffeId));

    /// <summary>For somebody who has the key, as after a signing request.</summary>
    public X509Certificate2 Sign(PublicKey key, LeafSpec spec)
    {
        CertificateRequest request = new(new X500DistinguishedName(""), key, HashAlgorithmName.SHA256);
        if (Names(spec) is { } names)
        {
            request.CertificateExtensions.Add(names);
        }

        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, critical: true));
        if (spec.Usages is not null)
        {
            OidCollection usages = [];
            spec.Usages.ToList().ForEach(usage => usages.Add(new Oid(usage)));
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(usages, critical: false));
        }

        DateTimeOffset now = DateTimeOffset.UtcNow;
        return request.Create(
            _certificate.SubjectName,
            X509SignatureGenerator.CreateForECDsa(_key),
            now + spec.StartsIn,
            now + spec.EndsIn,
            RandomNumberGenerator.GetBytes(16));
    }

    /// <summary>A revocation list with these certificates, PEM.</summary>
    public string Revoke(params IEnumerable<X509Certificate2> certificates)
    {
        CertificateRevocationListBuilder builder = new();
        foreach (X509Certificate2 certificate in certificates)
        {
            builder.AddEntry(certificate);
        }

        byte[] list = builder.Build(
            _certificate.SubjectName,
            X509SignatureGenerator.CreateForECDsa(_key),
            crlNumber: 1,
            DateTimeOffset.UtcNow.AddHours(1),
            HashAlgorithmName.SHA256,
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_certificate, true, false));
        return PemEncoding.WriteString("X509 CRL", list) + "\n";
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
    }

    private static X509Extension? Names(LeafSpec spec)
    {
        SubjectAlternativeNameBuilder names = new();
        spec.Uris.ToList().ForEach(uri => names.AddUri(new Uri(uri)));
        spec.DnsNames.ToList().ForEach(names.AddDnsName);
        if (spec.IpAddress is not null)
        {
            names.AddIpAddress(IPAddress.Parse(spec.IpAddress));
        }

        bool isEmpty = spec.Uris.Count == 0 && spec.DnsNames.Count == 0 && spec.IpAddress is null;
        return isEmpty ? null : names.Build(critical: true);
    }
}
