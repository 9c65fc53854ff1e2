using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ztunnel.Identity;
using Ztunnel.OpenSsl;

namespace Ztunnel.Certificates;

/// <summary>
/// The PKCS#10 request for one identity: empty subject, and nothing asked for but the critical subjectAltName with
/// the identity as its one URI.
/// </summary>
internal static class SigningRequest
{
    public static string Create(EvpKey key, SpiffeId identity)
    {
        EvpKeySignatures signatures = new(key);
        CertificateRequest request = new(
            new X500DistinguishedName(""), signatures.PublicKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(SpiffeSan.Extension(identity));
        return PemEncoding.WriteString("CERTIFICATE REQUEST", request.CreateSigningRequest(signatures)) + "\n";
    }
}
