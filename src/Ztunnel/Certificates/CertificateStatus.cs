using Ztunnel.Identity;

namespace Ztunnel.Certificates;

/// <summary>One identity's state at a moment, for the config dump and the metrics.</summary>
/// <param name="State"><c>Initializing</c>, <c>Available</c> or <c>Unavailable: &lt;error&gt;</c>.</param>
/// <param name="Certificate">Present when available.</param>
internal sealed record CertificateStatus(SpiffeId Identity, string State, IssuedCertificate? Certificate);
