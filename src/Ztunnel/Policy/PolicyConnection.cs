using Ztunnel.Identity;
using Ztunnel.Linux;

namespace Ztunnel.Policy;

/// <summary>What policies may know of a connection: what was proven by TLS and TCP, never what headers claim.</summary>
internal readonly record struct PolicyConnection
{
    /// <param name="source">The TCP peer.</param>
    /// <param name="identity">From the peer's certificate; null for plaintext.</param>
    /// <param name="destination">The pod's address and the application's real port.</param>
    public PolicyConnection(InetEndpoint source, SpiffeId? identity, InetEndpoint destination) =>
        (Source, Identity, Destination) = (source.Canonical(), identity, destination.Canonical());

    public InetEndpoint Source { get; }

    public SpiffeId? Identity { get; }

    public InetEndpoint Destination { get; }
}
