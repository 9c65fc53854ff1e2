using System.Security.Cryptography;
using Ztunnel.Config;
using Ztunnel.Identity;
using Ztunnel.OpenSsl;

namespace Ztunnel.Tls;

/// <summary>
/// The mesh TLS of one workload under one certificate: its key and chain, and the roots it trusts. Replaced as a
/// whole when the certificate is renewed; handshakes in progress keep the one they started with.
/// </summary>
internal sealed class WorkloadTls : IDisposable
{
    // Made when first used: most workloads of a node only accept, or only connect, or are not asked at all.
    private readonly Lazy<TlsContext> _server;
    private readonly Lazy<TlsContext> _client;
    private readonly Lazy<ITlsPeerCheck> _clientsCheck;

    public WorkloadTls(
        SpiffeId identity,
        EvpKey key,
        IReadOnlyList<byte[]> chain,
        IReadOnlyList<byte[]> roots,
        TlsOptions? options = null)
    {
        (Identity, Key, Chain, Roots) = (identity, key, chain, roots);
        _server = new(() => Context(TlsRole.Server, options));
        _client = new(() => Context(TlsRole.Client, options));
        _clientsCheck = new(() => new TrustDomainCheck(OwnTrustDomain()));
    }

    public SpiffeId Identity { get; }

    /// <summary>Leaf first, then intermediates in the CA's order; DER.</summary>
    public IReadOnlyList<byte[]> Chain { get; }

    /// <summary>DER.</summary>
    public IReadOnlyList<byte[]> Roots { get; }

    public EvpKey Key { get; }

    /// <summary>The server's end of a connection: any workload of our own trust domain may be the client.</summary>
    /// <exception cref="CryptographicException">libssl refuses our own certificate.</exception>
    public MeshSession Accept() => new(_server.Value, _clientsCheck.Value);

    /// <summary>The client's end of a connection to one of the expected; with nobody expected, nobody is good.</summary>
    /// <exception cref="CryptographicException">libssl refuses our own certificate.</exception>
    public MeshSession Connect(SpiffeId[] expected) => new(_client.Value, new ExpectedIdentityCheck(expected));

    /// <summary>Sessions keep what they need of it.</summary>
    public void Dispose()
    {
        foreach (Lazy<TlsContext> context in (Lazy<TlsContext>[])[_server, _client])
        {
            if (context.IsValueCreated)
            {
                context.Value.Dispose();
            }
        }

        Key.Dispose();
    }

    private TlsContext Context(TlsRole role, TlsOptions? options) => TlsContext.Create(
        role,
        new TlsContextOptions
        {
            AllowsTls12 = options is { AllowsTls12: true },
            RequiresPostQuantum = options is { RequiresPostQuantum: true },
        },
        Key,
        Chain,
        Roots);

    // The certificate's word, not the request's: its first URI, and only that one.
    private string? OwnTrustDomain() =>
        X509Certificates.UriSans(Chain[0]) is [string uri, ..] && SpiffeId.TryParse(uri, out SpiffeId? own)
            ? own.TrustDomain
            : null;
}
