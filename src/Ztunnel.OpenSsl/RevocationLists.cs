using System.Security.Cryptography;

namespace Ztunnel.OpenSsl;

/// <summary>
/// The revocation lists in force at one moment. Every certificate of a verified path is looked up with its issuer's
/// lists; an issuer without one revokes nothing.
/// </summary>
public sealed class RevocationLists
{
    private readonly RevocationList[] _lists;

    /// <param name="ders">Each one list.</param>
    /// <exception cref="CryptographicException">One of them is unreadable.</exception>
    public RevocationLists(IEnumerable<byte[]> ders) => _lists = [.. ders.Select(RevocationList.Decode)];

    public int Count => _lists.Length;

    /// <param name="path">Stack of certificates, leaf first, trust anchor last; 0 for none.</param>
    /// <returns>X509_V_OK or the reason to refuse; that one is revoked goes before any other.</returns>
    internal int Check(nint path)
    {
        int count = path == 0 ? 0 : CryptoCalls.OPENSSL_sk_num(path);
        int doubt = CryptoCalls.X509_V_OK;
        for (int at = 0; at + 1 < count; at++)
        {
            int result = Check(CryptoCalls.OPENSSL_sk_value(path, at), CryptoCalls.OPENSSL_sk_value(path, at + 1));
            if (result == CryptoCalls.X509_V_ERR_CERT_REVOKED)
            {
                return result; // whatever else there is to complain of: live connections end for this alone
            }

            doubt = doubt == CryptoCalls.X509_V_OK ? result : doubt;
        }

        return doubt;
    }

    // While a root is changed there are two of one name, each with its list: the other's says nothing about this one's
    // certificates. Where none of that name is signed by this issuer, nobody knows what it has revoked.
    private int Check(nint certificate, nint issuer)
    {
        int doubt = CryptoCalls.X509_V_OK;
        bool hasOwn = false;
        foreach (RevocationList list in _lists)
        {
            int result = list.Check(certificate, issuer, out bool isOfIssuer);
            if (result == CryptoCalls.X509_V_ERR_CERT_REVOKED)
            {
                return result;
            }

            hasOwn |= isOfIssuer;
            doubt = doubt == CryptoCalls.X509_V_OK ? result : doubt;
        }

        return hasOwn ? CryptoCalls.X509_V_OK : doubt;
    }
}
