using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Ztunnel.Certificates;
using Ztunnel.Certificates.Secrets;
using Ztunnel.Config;
using Ztunnel.ControlPlane;
using Ztunnel.Identity;
using Ztunnel.Protos.Secrets;
using Ztunnel.Tests.OpenSsl;
using Ztunnel.Tls;

namespace Ztunnel.Tests.Certificates.Secrets;

/// <summary>A secret store whose server is the test: it sees the subscriptions and sends what it likes.</summary>
internal sealed class SecretLab : IResourceStream, IAsyncDisposable
{
    public const string Bundle = "ROOTCA";

    private IResourceHandler? _handler;

    public SecretLab(SecretOptions? options = null)
    {
        CertificateReader reader = new(
            requireIdentity: true, Clock, NullLogger.Instance, failure: "");
        Store = new SecretStore(
            this, options ?? new SecretOptions(), new SecretChecks(reader, Revocations), Clock, NullLogger.Instance);
    }

    public static SpiffeId Cart { get; } = new("cluster.local", "shop", "cart");

    public SystemOffsetClock Clock { get; } = new();

    public TestRoot Root { get; } = new();

    public Revocations Revocations { get; } = new();

    public SecretStore Store { get; }

    public HashSet<string> Names { get; } = [];

    /// <summary>How often each name was subscribed to.</summary>
    public List<string> Subscriptions { get; } = [];

    /// <summary>Names in the order in which they were unsubscribed from.</summary>
    public List<string> Ended { get; } = [];

    public void Register(string typeUrl, IResourceHandler handler)
    {
        Assert.Equal(SecretType.Url, typeUrl);
        _handler = handler;
    }

    public void Subscribe(string typeUrl, string name)
    {
        Names.Add(name);
        Subscriptions.Add(name);
    }

    public void Unsubscribe(string typeUrl, string name)
    {
        Names.Remove(name);
        Ended.Add(name);
    }

    /// <returns>Why it was refused; null if it was not.</returns>
    public string? Send(Secret secret) => Send(secret.Name, secret.ToByteString());

    public string? Send(string name, ByteString value) => _handler!.OnResource(name, "1", value);

    public void Remove(string name) => _handler!.OnRemoved(name);

    public string? SendBundle(params TestRoot[] roots) => Send(BundleOf(roots.Length == 0 ? [Root] : roots));

    public string? SendCertificate(SpiffeId id, TestLeaf? leaf = null, Action<TlsCertificate>? change = null) =>
        Send(CertificateOf(id, Root, leaf, change));

    public static Secret BundleOf(params TestRoot[] roots) => new()
    {
        Name = Bundle,
        ValidationContext = new CertificateValidationContext
        {
            TrustedCa = new DataSource
            {
                InlineBytes = ByteString.CopyFromUtf8(string.Concat(roots.Select(PemOf))),
            },
        },
    };

    /// <summary>As istio-agent sends it: SEC1 key, root at the end of the chain.</summary>
    public static Secret CertificateOf(
        SpiffeId id, TestRoot root, TestLeaf? leaf = null, Action<TlsCertificate>? change = null)
    {
        using X509Certificate2 certificate = root.IssueWithKey(leaf ?? new TestLeaf(id.ToString()));
        using ECDsa key = certificate.GetECDsaPrivateKey()!;
        TlsCertificate tls = new()
        {
            CertificateChain = new DataSource
            {
                InlineBytes = ByteString.CopyFromUtf8(certificate.ExportCertificatePem() + "\n" + PemOf(root)),
            },
            PrivateKey = new DataSource { InlineBytes = ByteString.CopyFromUtf8(key.ExportECPrivateKeyPem()) },
        };
        change?.Invoke(tls);
        return new Secret { Name = id.ToString(), TlsCertificate = tls };
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        Root.Dispose();
    }

    private static string PemOf(TestRoot root) => root.Certificate.ExportCertificatePem() + "\n";
}
