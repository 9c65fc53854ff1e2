using Ztunnel.Identity;
using Ztunnel.Tls;

namespace Ztunnel.Certificates;

/// <summary>A certificate that passed every check, ready for handshakes and for the config dump.</summary>
/// <param name="Chain">Leaf first, then intermediates in the CA's order.</param>
internal sealed record IssuedCertificate(
    SpiffeId Identity,
    WorkloadTls Tls,
    IReadOnlyList<CertificateSummary> Chain,
    IReadOnlyList<CertificateSummary> Roots)
{
    public DateTimeOffset NotBefore => Chain[0].NotBefore;

    public DateTimeOffset NotAfter => Chain[0].NotAfter;
}
