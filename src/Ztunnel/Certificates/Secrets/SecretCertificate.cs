using System.Security.Cryptography.X509Certificates;
using Ztunnel.OpenSsl;

namespace Ztunnel.Certificates.Secrets;

/// <summary>A key and its certificate as a server sent them, checked against each other but not yet against roots.</summary>
/// <param name="Chain">Leaf first, as sent.</param>
internal sealed record SecretCertificate(EvpKey Key, List<X509Certificate2> Chain) : IDisposable
{
    /// <summary>
    /// The chain to present: without the roots at its end, which istio-agent appends and peers have anyway.
    /// </summary>
    public List<X509Certificate2> Without(List<X509Certificate2> roots)
    {
        int length = Chain.Count;
        while (length > 1 && roots.Exists(root => root.RawDataMemory.Span.SequenceEqual(Chain[length - 1].RawDataMemory.Span)))
        {
            length--;
        }

        return Chain[..length];
    }

    public void Dispose()
    {
        Key.Dispose();
        Chain.ForEach(static certificate => certificate.Dispose());
    }
}
