using Ztunnel.Identity;
using Ztunnel.OpenSsl;

namespace Ztunnel.Tls;

/// <summary>A client's check: one of the server's SPIFFE ids is among those the destination may have.</summary>
internal sealed class ExpectedIdentityCheck(SpiffeId[] expected) : ITlsPeerCheck
{
    public string? Check(IReadOnlyList<string> uriSans) => PeerNames.Ids(uriSans).Any(expected.Contains)
        ? null
        : "identity verification error: peer did not present the expected SAN "
            + $"({PeerNames.List(expected)}), got {PeerNames.List(PeerNames.Ids(uriSans))}";
}
