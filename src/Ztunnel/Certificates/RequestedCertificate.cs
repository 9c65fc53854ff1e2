using Ztunnel.Identity;

namespace Ztunnel.Certificates;

/// <summary>An identity whose certificate is asked of a CA.</summary>
internal sealed class RequestedCertificate(SpiffeId identity, RetryBackoff backoff) : CertificateEntry(identity)
{
    public RetryBackoff Backoff { get; } = backoff;

    public bool InFlight { get; set; }
}
