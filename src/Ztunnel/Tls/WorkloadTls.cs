using Ztunnel.Identity;
using Ztunnel.OpenSsl;

namespace Ztunnel.Tls;

/// <summary>
/// The mesh TLS of one workload under one certificate: its key and chain, and the roots it trusts. Replaced as a
/// whole when the certificate is renewed; handshakes in progress keep the one they started with.
/// </summary>
internal sealed class WorkloadTls(
    SpiffeId identity, EvpKey key, IReadOnlyList<byte[]> chain, IReadOnlyList<byte[]> roots) : IDisposable
{
    public SpiffeId Identity { get; } = identity;

    /// <summary>Leaf first, then intermediates in the CA's order; DER.</summary>
    public IReadOnlyList<byte[]> Chain { get; } = chain;

    /// <summary>DER.</summary>
    public IReadOnlyList<byte[]> Roots { get; } = roots;

    public EvpKey Key { get; } = key;

    public void Dispose() => Key.Dispose();
}
