using Ztunnel.Identity;
using Ztunnel.OpenSsl;

namespace Ztunnel.Tls;

/// <summary>One mesh connection's TLS, and who is at its other end.</summary>
internal sealed class MeshSession(TlsContext context, ITlsPeerCheck check, Revocations revocations) : IDisposable
{
    private SpiffeId? _peer;

    public TlsSession Session { get; } = new(context, check, revocations.Provide);

    /// <summary>
    /// The first SPIFFE id among the URI names of the peer's leaf; null before the peer has proved itself, and for a
    /// peer without one (accepted only by a workload whose own certificate has none).
    /// </summary>
    public SpiffeId? PeerIdentity =>
        _peer ??= Session.Protocol is null ? null : PeerNames.Ids(Session.PeerUris).FirstOrDefault();

    public string? Failure => Session.Failure;

    public void Dispose() => Session.Dispose();
}
