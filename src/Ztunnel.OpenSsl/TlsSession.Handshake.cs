using System.Runtime.InteropServices;

namespace Ztunnel.OpenSsl;

/// <summary>The handshake, who the peer is, and how a session ends.</summary>
public sealed unsafe partial class TlsSession
{
    [ThreadStatic]
    private static TlsSession? t_inHandshake;

    /// <summary>Whose handshake this thread is in: callbacks happen inside the call, and only there.</summary>
    internal static TlsSession? InHandshake => t_inHandshake;

    /// <summary>The URI names of the peer's leaf, whose chain is verified; empty before.</summary>
    public IReadOnlyList<string> PeerUris { get; private set; } = [];

    /// <summary>The handshake failed because a list revokes a certificate of the peer's path.</summary>
    public bool IsPeerRevoked { get; private set; }

    /// <summary><c>TLSv1.3</c>, once the handshake is done.</summary>
    public string? Protocol { get; private set; }

    /// <summary><c>TLS_AES_256_GCM_SHA384</c>, once the handshake is done.</summary>
    public string? Cipher { get; private set; }

    /// <summary>The key exchange, once the handshake is done.</summary>
    public string? Group { get; private set; }

    /// <summary>As far as the input goes. What a client has left when it is done is data already.</summary>
    public TlsStatus Handshake(TlsOutput output)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        if (Failure is not null)
        {
            return TlsStatus.Failed;
        }

        if (_isEstablished)
        {
            return TlsStatus.Ok;
        }

        Enter(output, maxReads: int.MaxValue); // the protocol and libssl bound a handshake
        TlsSession? outer = t_inHandshake; // a check may use another session
        t_inHandshake = this;
        try
        {
            TlsStatus status = SslCalls.SSL_do_handshake(handle) == 1 ? Establish() : Ended();
            return status == TlsStatus.Closed ? Fail("closed by the peer in the handshake") : status;
        }
        finally
        {
            t_inHandshake = outer;
            Leave(output);
        }
    }

    /// <summary>
    /// Whether these lists revoke the path that was verified in the handshake. As of then: that something of it has
    /// expired meanwhile does not matter.
    /// </summary>
    public bool IsRevokedBy(RevocationLists lists)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        return lists.Check(SslCalls.SSL_get0_verified_chain(handle)) == CryptoCalls.X509_V_ERR_CERT_REVOKED;
    }

    /// <returns>An X509_V_ERR_ that libssl turns into the alert; X509_V_OK.</returns>
    internal int Verify(nint verification)
    {
        try
        {
            int error = VerifyPath(verification);
            if (error != CryptoCalls.X509_V_OK)
            {
                IsPeerRevoked = error == CryptoCalls.X509_V_ERR_CERT_REVOKED;
                Failure = $"invalid peer certificate: {Text(CryptoCalls.X509_verify_cert_error_string(error))}";
                return ForAlert(error);
            }

            PeerUris = X509Certificates.UriSans(CryptoCalls.X509_STORE_CTX_get0_cert(verification));
            Failure = _check.Check(PeerUris);
        }
        catch (Exception e) // must not unwind through libssl; whom nobody could check is refused
        {
            Failure = $"peer check failed: {e.GetType().Name}: {e.Message}";
        }

        return Failure is null ? CryptoCalls.X509_V_OK : CryptoCalls.X509_V_ERR_PERMITTED_VIOLATION;
    }

    private int VerifyPath(nint verification)
    {
        if (CryptoCalls.X509_verify_cert(verification) == 1)
        {
            return _revocations?.Invoke()?.Check(CryptoCalls.X509_STORE_CTX_get0_chain(verification))
                ?? CryptoCalls.X509_V_OK;
        }

        int error = CryptoCalls.X509_STORE_CTX_get_error(verification);
        return error == CryptoCalls.X509_V_OK ? CryptoCalls.X509_V_ERR_UNSPECIFIED : error; // without saying why
    }

    // libssl knows an alert for each reason; where it picks another than our peers do, we name another reason.
    private static int ForAlert(int error) => error switch
    {
        CryptoCalls.X509_V_ERR_CERT_NOT_YET_VALID => CryptoCalls.X509_V_ERR_CERT_HAS_EXPIRED, // certificate_expired
        CryptoCalls.X509_V_ERR_INVALID_CA => CryptoCalls.X509_V_ERR_PERMITTED_VIOLATION, // certificate_unknown
        _ => error,
    };

    private TlsStatus Establish()
    {
        byte* protocol;
        uint length;
        SslCalls.SSL_get0_alpn_selected(handle, &protocol, &length);
        ReadOnlySpan<byte> selected = new(protocol, (int)length);
        if (!selected.IsEmpty && !selected.SequenceEqual(TlsCallbacks.Protocols[1..]))
        {
            return Fail("the peer selected an application protocol that was not offered");
        }

        Protocol = Text(SslCalls.SSL_get_version(handle));
        Cipher = Text(SslCalls.SSL_CIPHER_get_name(SslCalls.SSL_get_current_cipher(handle)));
        Group = Text(SslCalls.SSL_group_to_name(
            handle, (int)SslCalls.SSL_ctrl(handle, SslCalls.SSL_CTRL_GET_NEGOTIATED_GROUP, 0, null)));
        _wire->Steps = 0;
        _isEstablished = true;
        return TlsStatus.Ok;
    }

    // After a call that did not succeed. Not SSL_get_error: it believes whatever lies in the thread's error queue,
    // and that may be somebody else's.
    private TlsStatus Ended()
    {
        if (_wire->IsStarved)
        {
            return TlsStatus.WantInput;
        }

        if (_wire->AlertReceived == TlsAlert.CloseNotify)
        {
            _isInputClosed = true;
            return TlsStatus.Closed;
        }

        return Fail(Reason());
    }

    private string Reason()
    {
        string reason = OpenSslError.Take();
        if (Failure is not null)
        {
            return Failure; // known since verification
        }

        if (_wire->IsOutOfMemory)
        {
            return "out of memory";
        }

        if (_wire->AlertReceived != TlsAlert.None)
        {
            return $"received alert {TlsAlert.Name(_wire->AlertReceived)}";
        }

        return _wire->AlertSent == TlsAlert.None ? reason : $"{reason} (sent alert {TlsAlert.Name(_wire->AlertSent)})";
    }

    private TlsStatus Fail(string reason)
    {
        Failure = reason;
        _wire->InputLength = 0;
        return TlsStatus.Failed;
    }

    private static string? Text(byte* text) => Marshal.PtrToStringUTF8((nint)text);
}
