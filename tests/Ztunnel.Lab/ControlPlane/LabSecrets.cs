using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Ztunnel.Protos.Secrets;

namespace Ztunnel.Lab;

/// <summary>
/// Certificates as secrets: whoever subscribes to a SPIFFE id gets a key and a certificate of the lab's CA, and the
/// roots under <c>ROOTCA</c>. They are made again at half of their life, as a control plane rotates them.
/// </summary>
public sealed class LabSecrets : IAsyncDisposable
{
    public const string RootName = "ROOTCA";
    public const string AgentName = "default";

    private readonly LabControlPlane _plane;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _identities = [];
    private readonly Timer _rotation;

    internal LabSecrets(LabControlPlane plane)
    {
        _plane = plane;
        _plane.Store.OnMissing = (typeUrl, name) => typeUrl == ResourceType.Secret ? Make(name) : null;
        _rotation = new Timer(_ => Rotate());
    }

    /// <summary>Of what is issued from now on.</summary>
    public TimeSpan Lifetime { get; private set; } = TimeSpan.FromHours(24);

    /// <summary>False: nobody who asks for the roots gets them.</summary>
    public bool HasRoot { get; set; } = true;

    /// <summary>Issues everything anew, now and at every half of this time.</summary>
    public void RotateEvery(TimeSpan lifetime)
    {
        Lifetime = lifetime;
        _rotation.Change(TimeSpan.Zero, lifetime / 2);
    }

    /// <summary>Gives the agent's socket this identity: what it serves as <c>default</c>.</summary>
    public void ServeAgent(string spiffeId)
    {
        lock (_lock)
        {
            _identities[AgentName] = spiffeId;
        }

        _plane.Set(Certificate(AgentName, spiffeId), Root());
    }

    public MeshResource Certificate(string name, string spiffeId) =>
        Certificate(name, LeafSpec.Of(spiffeId).Lasting(Lifetime));

    /// <summary>Whatever the test wants to be in it.</summary>
    /// <param name="isKeyItsOwn">False: the key belongs to no certificate.</param>
    public MeshResource Certificate(string name, LeafSpec spec, bool isKeyItsOwn = true)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 leaf = _plane.Ca.Root.Sign(new PublicKey(key), spec);
        return MeshResource.Of(new Secret
        {
            Name = name,
            TlsCertificate = new TlsCertificate
            {
                CertificateChain = Inline($"{leaf.ExportCertificatePem()}\n"),
                PrivateKey = Inline((isKeyItsOwn ? key : other).ExportPkcs8PrivateKeyPem()),
            },
        });
    }

    public MeshResource Root() => MeshResource.Of(new Secret
    {
        Name = RootName,
        ValidationContext = new CertificateValidationContext { TrustedCa = Inline(_plane.Ca.Root.Bundle) },
    });

    public ValueTask DisposeAsync() => _rotation.DisposeAsync();

    private MeshResource? Make(string name)
    {
        if (name == RootName)
        {
            return HasRoot ? Root() : null;
        }

        if (!name.StartsWith("spiffe://", StringComparison.Ordinal))
        {
            return null;
        }

        lock (_lock)
        {
            _identities[name] = name;
        }

        return Certificate(name, name);
    }

    private void Rotate()
    {
        List<KeyValuePair<string, string>> identities;
        lock (_lock)
        {
            identities = [.. _identities];
        }

        _plane.Set([.. identities.Select(identity => Certificate(identity.Key, identity.Value)), Root()]);
    }

    private static DataSource Inline(string pem) => new() { InlineBytes = ByteString.CopyFromUtf8(pem) };
}
