using System.Security.Cryptography.X509Certificates;

namespace Ztunnel.Certificates.Secrets;

/// <summary>Whom to trust, as a server sent it.</summary>
/// <param name="Roots">At least one.</param>
internal sealed record SecretBundle(List<X509Certificate2> Roots) : IDisposable
{
    public void Dispose() => Roots.ForEach(static root => root.Dispose());
}
