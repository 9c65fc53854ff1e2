using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Ztunnel.Tests.OpenSsl;

/// <summary>Revocation lists of a test authority, in the forms they come in.</summary>
internal static class TestCrl
{
    /// <param name="nextUpdate">From now; in the past for a list nobody has renewed.</param>
    public static byte[] Der(TestRoot issuer, TimeSpan? nextUpdate = null, params byte[][] revoked)
    {
        CertificateRevocationListBuilder builder = new();
        foreach (byte[] der in revoked)
        {
            using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(der);
            builder.AddEntry(certificate);
        }

        DateTimeOffset until = DateTimeOffset.UtcNow + (nextUpdate ?? TimeSpan.FromHours(1));
        return issuer.SignCrl(builder, until);
    }

    public static string Pem(byte[] der) => PemEncoding.WriteString("X509 CRL", der) + "\n";
}
