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
    /// <returns>X509_V_OK or the first reason to refuse.</returns>
    internal int Check(nint path)
    {
        int count = path == 0 ? 0 : CryptoCalls.OPENSSL_sk_num(path);
        for (int at = 0; at + 1 < count; at++)
        {
            nint certificate = CryptoCalls.OPENSSL_sk_value(path, at);
            nint issuer = CryptoCalls.OPENSSL_sk_value(path, at + 1);
            foreach (RevocationList list in _lists)
            {
                int result = list.Check(certificate, issuer);
                if (result != CryptoCalls.X509_V_OK)
                {
                    return result;
                }
            }
        }

        return CryptoCalls.X509_V_OK;
    }
}
