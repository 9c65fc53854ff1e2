using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Ztunnel.OpenSsl;

/// <summary>
/// One certificate revocation list inside libcrypto (X509_CRL). Asked by several threads at once; freed when nobody
/// holds it any more, because handshakes go on while lists are replaced.
/// </summary>
public sealed unsafe class RevocationList : SafeHandleZeroOrMinusOneIsInvalid
{
    // One issuer has one key, or two while it changes them.
    private const int MaxIssuers = 8;

    private readonly Lock _lock = new();
    private readonly List<(nint Certificate, bool HasSigned)> _issuers = [];

    private RevocationList(nint list)
        : base(ownsHandle: true) => SetHandle(list);

    /// <exception cref="CryptographicException">It is not a list, or more than one.</exception>
    public static RevocationList Decode(byte[] der)
    {
        OpenSslLibrary.Initialize();
        fixed (byte* start = der)
        {
            byte* cursor = start;
            nint list = CryptoCalls.d2i_X509_CRL(0, &cursor, der.Length);
            OpenSslError.Require(list != 0, "cannot read revocation list");
            RevocationList decoded = new(list);
            if (cursor != start + der.Length)
            {
                decoded.Dispose();
                throw new CryptographicException("cannot read revocation list: bytes follow it");
            }

            return decoded;
        }
    }

    /// <summary>
    /// Whether it revokes a certificate of this issuer. A list of another issuer says nothing; one that is past its next
    /// update still counts.
    /// </summary>
    /// <param name="isOfIssuer">Whether it has the issuer's name and signature.</param>
    /// <returns>X509_V_OK, or the reason to refuse: revoked, or a signature that is not the issuer's.</returns>
    internal int Check(nint certificate, nint issuer, out bool isOfIssuer)
    {
        isOfIssuer = false;
        bool isHeld = false;
        DangerousAddRef(ref isHeld);
        try
        {
            if (CryptoCalls.X509_NAME_cmp(
                CryptoCalls.X509_CRL_get_issuer(handle), CryptoCalls.X509_get_subject_name(issuer)) != 0)
            {
                return CryptoCalls.X509_V_OK;
            }

            if (!IsSignedBy(issuer))
            {
                return CryptoCalls.X509_V_ERR_CRL_SIGNATURE_FAILURE;
            }

            isOfIssuer = true;
            nint entry;
            return CryptoCalls.X509_CRL_get0_by_cert(handle, &entry, certificate) == CryptoCalls.RevokedEntry
                ? CryptoCalls.X509_V_ERR_CERT_REVOKED
                : CryptoCalls.X509_V_OK;
        }
        finally
        {
            DangerousRelease();
        }
    }

    protected override bool ReleaseHandle()
    {
        CryptoCalls.X509_CRL_free(handle);
        _issuers.ForEach(static issuer => CryptoCalls.X509_free(issuer.Certificate));
        return true;
    }

    // A signature is checked once for each issuer, not once for each of ten thousand connections.
    private bool IsSignedBy(nint issuer)
    {
        lock (_lock)
        {
            foreach ((nint known, bool hasSigned) in _issuers)
            {
                if (CryptoCalls.X509_cmp(known, issuer) == 0)
                {
                    return hasSigned;
                }
            }

            bool isSigned = CryptoCalls.X509_CRL_verify(handle, CryptoCalls.X509_get0_pubkey(issuer)) == 1;
            CryptoCalls.ERR_clear_error();
            if (_issuers.Count < MaxIssuers && CryptoCalls.X509_up_ref(issuer) == 1)
            {
                _issuers.Add((issuer, isSigned));
            }

            return isSigned;
        }
    }
}
