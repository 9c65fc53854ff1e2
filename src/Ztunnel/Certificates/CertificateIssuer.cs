using Ztunnel.Identity;
using Ztunnel.OpenSsl;

namespace Ztunnel.Certificates;

/// <summary>One request from start to end: a fresh key, the request, the CA's answer, the checks.</summary>
internal sealed class CertificateIssuer(ICertificateAuthority authority, CertificateReader reader)
{
    /// <exception cref="CertificateException">With the reason as the operator reads it.</exception>
    public async Task<IssuedCertificate> IssueAsync(SpiffeId identity, CancellationToken cancellation)
    {
        EvpKey key = EvpKey.GenerateP256(); // never used again for another request
        try
        {
            IReadOnlyList<string> elements =
                await authority.SignAsync(identity, SigningRequest.Create(key, identity), cancellation);
            return reader.Read(identity, key, elements);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }
}
