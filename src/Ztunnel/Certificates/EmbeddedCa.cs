using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ztunnel.Identity;

namespace Ztunnel.Certificates;

/// <summary>
/// A CA inside the process (<c>FAKE_CA</c>), for demonstrations and tests: it signs for whoever asks. Its answers go
/// through the same checks as any other CA's.
/// </summary>
internal sealed class EmbeddedCa(EmbeddedRoot root, TimeSpan lifetime, TimeProvider time) : ICertificateAuthority
{
    private const int SerialSize = 16;

    // Clocks of two nodes differ; a certificate must be valid where it is first shown.
    private static readonly TimeSpan s_backdate = TimeSpan.FromSeconds(10);

    public Task<IReadOnlyList<string>> SignAsync(
        SpiffeId identity, string requestPem, CancellationToken cancellation)
    {
        CertificateRequest asked = CertificateRequest.LoadSigningRequestPem(
            requestPem, HashAlgorithmName.SHA256); // refuses a request whose signature is wrong
        CertificateRequest granted = new(asked.SubjectName, asked.PublicKey, HashAlgorithmName.SHA256)
        {
            CertificateExtensions =
            {
                SpiffeSan.Extension(identity),
                new X509KeyUsageExtension(
                    X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, critical: true),
                new X509EnhancedKeyUsageExtension(
                    [new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], critical: false), // server, client
                X509BasicConstraintsExtension.CreateForEndEntity(critical: true),
            },
        };
        DateTimeOffset now = time.GetUtcNow();
        using X509Certificate2 leaf = granted.Create(
            root.Certificate.SubjectName, new EvpKeySignatures(root.Key), now - s_backdate, now + lifetime, Serial());
        return Task.FromResult<IReadOnlyList<string>>([Pem(leaf), Pem(root.Certificate)]);
    }

    internal static byte[] Serial()
    {
        byte[] serial = RandomNumberGenerator.GetBytes(SerialSize);
        serial[0] = (byte)((serial[0] & 0x7F) | 0x40); // positive, and never shorter for a leading zero
        return serial;
    }

    private static string Pem(X509Certificate2 certificate) => certificate.ExportCertificatePem() + "\n";
}
