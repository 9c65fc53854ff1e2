namespace Ztunnel.OpenSsl;

/// <summary>Asked inside the handshake, once the peer's chain is verified: is this whom we talk to?</summary>
public interface ITlsPeerCheck
{
    /// <param name="uriSans">The URI names of the peer's leaf, in its order.</param>
    /// <returns>Null accepts; otherwise the reason, and the peer gets the alert certificate_unknown.</returns>
    string? Check(IReadOnlyList<string> uriSans);
}
