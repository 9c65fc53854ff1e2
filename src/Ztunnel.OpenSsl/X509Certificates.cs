using System.Security.Cryptography;
using System.Text;

namespace Ztunnel.OpenSsl;

/// <summary>Certificates as libcrypto reads them.</summary>
public static unsafe class X509Certificates
{
    /// <summary>The URI names of an encoded certificate, in its order.</summary>
    /// <exception cref="CryptographicException">It is not a certificate.</exception>
    public static IReadOnlyList<string> UriSans(byte[] der)
    {
        nint certificate = Decode(der);
        try
        {
            return UriSans(certificate);
        }
        finally
        {
            CryptoCalls.X509_free(certificate);
        }
    }

    /// <summary>None, too, if the extension is there twice or unreadable: such a certificate names nobody.</summary>
    internal static IReadOnlyList<string> UriSans(nint certificate)
    {
        nint names = CryptoCalls.X509_get_ext_d2i(certificate, CryptoCalls.NID_subject_alt_name, null, null);
        if (names == 0)
        {
            CryptoCalls.ERR_clear_error();
            return [];
        }

        try
        {
            List<string> uris = [];
            for (int index = 0; index < CryptoCalls.OPENSSL_sk_num(names); index++)
            {
                int type;
                nint text = CryptoCalls.GENERAL_NAME_get0_value(CryptoCalls.OPENSSL_sk_value(names, index), &type);
                if (type == CryptoCalls.GEN_URI)
                {
                    // Latin-1 keeps every byte apart: what is no ASCII, or holds a NUL, equals nothing else.
                    uris.Add(Encoding.Latin1.GetString(
                        CryptoCalls.ASN1_STRING_get0_data(text), CryptoCalls.ASN1_STRING_length(text)));
                }
            }

            return uris;
        }
        finally
        {
            CryptoCalls.GENERAL_NAMES_free(names);
        }
    }

    /// <returns>An X509 for the caller to free.</returns>
    /// <exception cref="CryptographicException">It is not a certificate, or more than one.</exception>
    internal static nint Decode(byte[] der)
    {
        OpenSslLibrary.Initialize();
        fixed (byte* start = der)
        {
            byte* cursor = start;
            nint certificate = CryptoCalls.d2i_X509(0, &cursor, der.Length);
            OpenSslError.Require(certificate != 0, "cannot read certificate");
            if (cursor != start + der.Length)
            {
                CryptoCalls.X509_free(certificate);
                throw new CryptographicException("cannot read certificate: bytes follow it");
            }

            return certificate;
        }
    }
}
