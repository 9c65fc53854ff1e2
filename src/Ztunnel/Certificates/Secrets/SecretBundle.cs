using System.Security.Cryptography.X509Certificates;

namespace Ztunnel.Certificates.Secrets;

/// <summary>Whom to trust, as a server sent it.</summary>
/// <param name="Roots">At least one.</param>
/// <param name="RevocationLists">DER; none revokes nobody.</param>
internal sealed record SecretBundle(List<X509Certificate2> Roots, IReadOnlyList<byte[]> RevocationLists) : IDisposable
{
    public void Dispose() => Roots.ForEach(static root => root.Dispose());
}
