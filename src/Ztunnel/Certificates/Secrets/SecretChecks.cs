using Ztunnel.Tls;

namespace Ztunnel.Certificates.Secrets;

/// <summary>What secrets go through and into on their way to handshakes.</summary>
/// <param name="Certificates">Decides whether a certificate is usable with the roots there are.</param>
/// <param name="Revocations">Takes the lists that come with a bundle.</param>
internal sealed record SecretChecks(CertificateReader Certificates, Revocations Revocations);
