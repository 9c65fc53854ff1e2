using System.Formats.Asn1;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Ztunnel.Config;
using Ztunnel.Identity;
using Ztunnel.OpenSsl;
using Ztunnel.Tls;

namespace Ztunnel.Certificates;

/// <summary>
/// Reads what a CA answered. A certificate that peers would refuse is refused here, while an error can still be told
/// and the request repeated; in a handshake it would only fail.
/// </summary>
/// <param name="requireIdentity">
/// The leaf must carry the identity asked for: when one node asks for many workloads.
/// </param>
/// <param name="failure">In front of what an operator reads of a refused certificate.</param>
/// <param name="tls">What handshakes under the certificate may use; null: the defaults.</param>
internal sealed class CertificateReader(
    bool requireIdentity,
    TimeProvider time,
    ILogger logger,
    TlsOptions? tls = null,
    string failure = "failed to create CSR: ")
{
    /// <summary>Takes the key over on success.</summary>
    /// <exception cref="CertificateException">With the reason as the operator reads it.</exception>
    public IssuedCertificate Read(SpiffeId identity, EvpKey key, IReadOnlyList<string> elements)
    {
        if (elements.Count == 0)
        {
            throw new CertificateException($"chain returned from CA is empty for: {identity}");
        }

        List<X509Certificate2> chain = [];
        List<X509Certificate2> roots = [];
        try
        {
            foreach (string element in elements.Count == 1 ? elements : elements.SkipLast(1))
            {
                chain.Add(PemCertificates.First(element));
            }

            roots.AddRange(elements.Count == 1 ? NoRoots(identity) : Roots(elements[^1]));
            return Assemble(identity, key, chain, roots);
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException)
        {
            throw new CertificateException($"{failure}{e.Message}", e);
        }
        finally
        {
            chain.ForEach(certificate => certificate.Dispose());
            roots.ForEach(certificate => certificate.Dispose());
        }
    }

    /// <summary>Checks what belongs together. Takes the key over on success; the certificates stay the caller's.</summary>
    /// <param name="chain">Leaf first.</param>
    /// <exception cref="CertificateException">With the reason as the operator reads it.</exception>
    /// <exception cref="CryptographicException">libssl refuses what was good so far.</exception>
    public IssuedCertificate Assemble(
        SpiffeId identity, EvpKey key, List<X509Certificate2> chain, List<X509Certificate2> roots)
    {
        Check(identity, key, chain, roots);
        return new IssuedCertificate(
            identity,
            new WorkloadTls(identity, key, Encoded(chain), Encoded(roots), tls),
            [.. chain.Select(Summarize)],
            [.. roots.Select(Summarize)]);
    }

    /// <summary>The trust anchors of a bundle; what cannot be one is left out, and said so.</summary>
    public List<X509Certificate2> Roots(string bundle)
    {
        List<X509Certificate2> roots = PemCertificates.All(bundle, e => logger.RootSkipped(e.Message));
        roots.RemoveAll(root =>
        {
            if (MayAnchor(root))
            {
                return false;
            }

            logger.RootSkipped($"{root.Subject} is not a certificate authority");
            root.Dispose();
            return true;
        });
        return roots;
    }

    private List<X509Certificate2> NoRoots(SpiffeId identity)
    {
        logger.NoChain(identity);
        return [];
    }

    // Version 1 certificates know no extensions and pass as roots; everywhere else the CA flag decides.
    private static bool MayAnchor(X509Certificate2 root) => root.Version < 3
        || root.Extensions.OfType<X509BasicConstraintsExtension>().Any(constraints => constraints.CertificateAuthority);

    private void Check(SpiffeId identity, EvpKey key, List<X509Certificate2> chain, List<X509Certificate2> roots)
    {
        if (roots.Count == 0)
        {
            throw new CertificateException("invalid root certificate: no root certificate present");
        }

        X509Certificate2 leaf = chain[0];
        DateTimeOffset now = time.GetUtcNow();
        if (!leaf.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.SubjectPublicKeyInfo()))
        {
            throw new CertificateException($"{failure}the certificate is not for the key of the request");
        }

        if (requireIdentity && SpiffeSan.Read(leaf) != identity)
        {
            throw new CertificateException($"did not find expected SAN: {identity}");
        }

        if (now < leaf.NotBefore || now > leaf.NotAfter)
        {
            throw new CertificateException(
                $"{failure}the certificate is not valid now: "
                + $"{leaf.NotBefore.ToUniversalTime():O} to {leaf.NotAfter.ToUniversalTime():O}");
        }

        CheckPath(chain, roots, now);
    }

    private void CheckPath(List<X509Certificate2> chain, List<X509Certificate2> roots, DateTimeOffset now)
    {
        using X509Chain path = new();
        path.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        path.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        path.ChainPolicy.DisableCertificateDownloads = true; // what is missing is the CA's fault, not ours to fetch
        path.ChainPolicy.VerificationTime = now.UtcDateTime;
        path.ChainPolicy.CustomTrustStore.AddRange(roots.ToArray());
        path.ChainPolicy.ExtraStore.AddRange(chain[1..].ToArray());
        if (!path.Build(chain[0]))
        {
            string reasons = string.Join("; ", path.ChainStatus.Select(status => status.StatusInformation.Trim()));
            throw new CertificateException($"{failure}the chain does not lead to its root: {reasons}");
        }
    }

    private static byte[][] Encoded(List<X509Certificate2> certificates) =>
        [.. certificates.Select(certificate => certificate.RawData)];

    private static CertificateSummary Summarize(X509Certificate2 certificate) => new(
        certificate.RawData,
        new BigInteger(certificate.SerialNumberBytes.Span, isUnsigned: true, isBigEndian: true)
            .ToString(CultureInfo.InvariantCulture),
        certificate.NotBefore.ToUniversalTime(),
        certificate.NotAfter.ToUniversalTime());
}
