namespace Ztunnel.Proxy.Tunnels;

/// <summary>Why an HBONE connection ended; label <c>reason</c> of its metric, and what its streams are told.</summary>
internal enum TunnelEnd
{
    /// <summary>The peer closed it.</summary>
    PeerClosed,

    /// <summary>We closed it, idle or drained, with nothing open on it.</summary>
    Finished,

    /// <summary>TLS did not come up: refused certificate, garbage, an alert.</summary>
    HandshakeFailed,

    /// <summary>TLS or the HTTP/2 preface took too long.</summary>
    HandshakeTimeout,

    /// <summary>The peer broke HTTP/2 or TLS.</summary>
    ProtocolError,

    /// <summary>The peer used up its abuse budget.</summary>
    Abuse,

    /// <summary>No PONG.</summary>
    KeepAliveTimeout,

    /// <summary>The socket failed.</summary>
    IoError,

    /// <summary>A revocation list that came meanwhile has the peer's certificate.</summary>
    Revoked,

    /// <summary>The pod is gone or the drain's deadline has passed.</summary>
    Aborted,
}
