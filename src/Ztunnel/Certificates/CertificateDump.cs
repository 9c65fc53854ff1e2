using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Ztunnel.Certificates;

/// <summary>The <c>certificates</c> of the config dump, in the form istioctl reads.</summary>
internal static class CertificateDump
{
    public static void Write(Utf8JsonWriter json, IReadOnlyList<CertificateStatus> certificates)
    {
        json.WriteStartArray();
        foreach (CertificateStatus status in certificates)
        {
            json.WriteStartObject();
            Write(json, "certChain", status.Certificate?.Chain ?? []);
            json.WriteString("identity", status.Identity.ToString());
            Write(json, "rootCerts", status.Certificate?.Roots ?? []);
            json.WriteString("state", status.State);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<CertificateSummary> certificates)
    {
        json.WriteStartArray(name);
        foreach (CertificateSummary certificate in certificates)
        {
            json.WriteStartObject();
            json.WriteString("expirationTime", Seconds(certificate.NotAfter));

            // Base64 of text that is base64 already: so the reference has it, and so istioctl undoes it.
            string pem = PemEncoding.WriteString("CERTIFICATE", certificate.Der) + "\n";
            json.WriteBase64String("pem", Encoding.ASCII.GetBytes(pem));
            json.WriteString("serialNumber", certificate.SerialNumber);
            json.WriteString("validFrom", Seconds(certificate.NotBefore));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Seconds(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
