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
    private readonly TlsContext _server;
    private readonly Lazy<TlsContext> _client; // 22 KiB that a workload which only serves need not have
    private readonly TrustDomainCheck _clientsCheck;

    /// <summary>Takes the key over, unless it throws.</summary>
    /// <exception cref="CryptographicException">libssl refuses the certificate; told while it can be.</exception>
    public WorkloadTls(
        SpiffeId identity,
        EvpKey key,
        IReadOnlyList<byte[]> chain,
        IReadOnlyList<byte[]> roots,
        TlsOptions? options = null)
    {
        (Identity, Key, Chain, Roots) = (identity, key, chain, roots);
        _server = Context(TlsRole.Server, options);
        _client = new(() => Context(TlsRole.Client, options));
        _clientsCheck = new(OwnTrustDomain());
    }

    public SpiffeId Identity { get; }

    /// <summary>Leaf first, then intermediates in the CA's order; DER.</summary>
    public IReadOnlyList<byte[]> Chain { get; }

    /// <summary>DER.</summary>
    public IReadOnlyList<byte[]> Roots { get; }

    public EvpKey Key { get; }

    /// <summary>The server's end of a connection: any workload of our own trust domain may be the client.</summary>
    public MeshSession Accept(Revocations revocations) => new(_server, _clientsCheck, revocations);

    /// <summary>The client's end of a connection to one of the expected; if nobody is, nobody is good.</summary>
    public MeshSession Connect(SpiffeId[] expected, Revocations revocations) =>
        new(_client.Value, new ExpectedIdentityCheck(expected), revocations);

    /// <summary>Sessions keep what they need of it.</summary>
    public void Dispose()
    {
        _server.Dispose();
        if (_client.IsValueCreated)
        {
            _client.Value.Dispose();
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
