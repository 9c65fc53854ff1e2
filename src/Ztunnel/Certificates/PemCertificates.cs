using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Ztunnel.Certificates;

/// <summary>PEM text to certificates.</summary>
internal static class PemCertificates
{
    private const string Label = "CERTIFICATE";

    /// <summary>The first block of the text, which must be a certificate; what follows it is not read.</summary>
    /// <exception cref="CryptographicException">There is none, it is something else, or it does not parse.</exception>
    public static X509Certificate2 First(string pem)
    {
        if (!PemEncoding.TryFind(pem, out PemFields fields))
        {
            throw new CryptographicException("no PEM block found");
        }

        return pem.AsSpan(fields.Label) is Label
            ? X509CertificateLoader.LoadCertificate(Decode(pem, fields))
            : throw new CryptographicException($"expected a certificate, got {pem[fields.Label]}");
    }

    /// <summary>Every certificate of the text; other blocks are passed over, unreadable ones reported.</summary>
    public static List<X509Certificate2> All(string pem, Action<CryptographicException> unreadable)
    {
        List<X509Certificate2> certificates = [];
        int start = 0;
        while (PemEncoding.TryFind(pem.AsSpan(start), out PemFields fields))
        {
            string rest = pem[start..];
            if (rest.AsSpan(fields.Label) is Label)
            {
                try
                {
                    certificates.Add(X509CertificateLoader.LoadCertificate(Decode(rest, fields)));
                }
                catch (CryptographicException e)
                {
                    unreadable(e);
                }
            }

            start += fields.Location.End.Value;
        }

        return certificates;
    }

    private static byte[] Decode(string pem, PemFields fields)
    {
        byte[] der = new byte[fields.DecodedDataLength];
        Convert.TryFromBase64Chars(pem.AsSpan(fields.Base64Data), der, out _); // TryFind made sure that it fits
        return der;
    }
}
