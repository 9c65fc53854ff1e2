using Ztunnel.Telemetry;

namespace Ztunnel.Proxy.Tunnels;

/// <summary>What access log and metrics say of connections whose tunnel failed them.</summary>
internal static class TunnelFailures
{
    /// <summary>It did not come up.</summary>
    public static (string Error, ResponseFlag Flag) OfOpening(TunnelEnd end, string? text) => end switch
    {
        TunnelEnd.HandshakeTimeout => ("io error: the TLS handshake timed out", ResponseFlag.Connect),
        TunnelEnd.Aborted => ("pool draining", ResponseFlag.None),
        TunnelEnd.PeerClosed or TunnelEnd.IoError => ($"io error: {text}", ResponseFlag.Connect),
        _ => ($"io error: invalid peer: {text}", ResponseFlag.Connect),
    };

    /// <summary>It was there and is no more.</summary>
    public static (string Error, ResponseFlag Flag) OfStream(TunnelEnd end, string? text) => end switch
    {
        TunnelEnd.Revoked => (
            "connection closed: peer certificate revoked by CRL", ResponseFlag.CertificateRevoked),
        TunnelEnd.Aborted => ("connection closed due to connection drain", ResponseFlag.None),
        TunnelEnd.Abuse or TunnelEnd.ProtocolError => ($"h2 failed: {text}", ResponseFlag.Http2HandshakeFailure),
        _ => ($"io error: the HBONE connection was lost ({text ?? "peer closed it"})", ResponseFlag.Connect),
    };
}
