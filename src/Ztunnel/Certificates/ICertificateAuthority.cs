using Ztunnel.Identity;

namespace Ztunnel.Certificates;

/// <summary>Signs the node's requests: Istio's CA over gRPC, or the embedded one.</summary>
internal interface ICertificateAuthority
{
    /// <summary>
    /// PEM elements in the order of <c>IstioCertificateResponse.cert_chain</c>: the leaf, intermediates, and last
    /// the root bundle. What they hold is the CA's claim; <see cref="IssuedCertificate"/> checks it.
    /// </summary>
    /// <exception cref="CertificateException">With the reason as the operator reads it.</exception>
    Task<IReadOnlyList<string>> SignAsync(SpiffeId identity, string requestPem, CancellationToken cancellation);
}
