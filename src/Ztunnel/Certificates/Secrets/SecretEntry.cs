using Ztunnel.Identity;

namespace Ztunnel.Certificates.Secrets;

/// <summary>An identity whose certificate a server sends.</summary>
/// <param name="name">Of the secret.</param>
internal sealed class SecretEntry(SpiffeId identity, string name) : CertificateEntry(identity)
{
    public string Name { get; } = name;

    /// <summary>The last one that was accepted; null before the first.</summary>
    public SecretCertificate? Secret { get; private set; }

    /// <summary>When to ask again, if nothing was sent until then.</summary>
    public DateTimeOffset Overdue { get; set; } = DateTimeOffset.MaxValue;

    public void Replace(SecretCertificate? secret)
    {
        Secret?.Dispose(); // contexts made of it have shares of their own
        Secret = secret;
    }
}
