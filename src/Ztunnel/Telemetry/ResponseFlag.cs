namespace Ztunnel.Telemetry;

/// <summary>How a connection ended: label <c>response_flags</c> of the closed and failed families.</summary>
internal enum ResponseFlag : byte
{
    /// <summary><c>-</c>: success, or ended by a drain.</summary>
    None,

    /// <summary><c>DENY</c>: rejected by policy, at the start or later.</summary>
    Deny,

    /// <summary><c>CONNECT</c>: every failure that has no flag of its own.</summary>
    Connect,

    /// <summary><c>TLS_FAILURE</c>: the client's TLS configuration could not be made.</summary>
    TlsFailure,

    /// <summary><c>H2_HANDSHAKE_FAILURE</c>: HTTP/2 did not come up, or a stream broke.</summary>
    Http2HandshakeFailure,

    /// <summary><c>NETWORK_POLICY</c>: the TCP connection to an HBONE port timed out.</summary>
    NetworkPolicy,

    /// <summary><c>IDENTITY_ERROR</c>: no certificate of our own.</summary>
    IdentityError,

    /// <summary><c>CERT_REVOKED</c>.</summary>
    CertificateRevoked,
}
