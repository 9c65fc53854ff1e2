using Ztunnel.Identity;
using Ztunnel.OpenSsl;

namespace Ztunnel.Tls;

/// <summary>A server's check: one of the client's SPIFFE ids is of our trust domain; there are no aliases.</summary>
/// <param name="trustDomain">Null, when our own certificate names none: then nothing is compared.</param>
internal sealed class TrustDomainCheck(string? trustDomain) : ITlsPeerCheck
{
    public string? Check(IReadOnlyList<string> uriSans)
    {
        if (trustDomain is null || PeerNames.Ids(uriSans).Any(
            id => string.Equals(id.TrustDomain, trustDomain, StringComparison.Ordinal)))
        {
            return null;
        }

        return "identity verification error: peer did not present the expected trustdomain "
            + $"({trustDomain}), got {PeerNames.List(PeerNames.Ids(uriSans))}";
    }
}
