using Ztunnel.Hbone;
using Ztunnel.Telemetry;

namespace Ztunnel.Proxy.Relay;

/// <summary>The connection a relay works for. All calls on its worker.</summary>
internal interface IRelayOwner
{
    /// <summary>Client side of a tunnel: the answer to the CONNECT. The owner runs or ends the relay.</summary>
    void OnResponse(Http2Response response);

    /// <summary>
    /// Client side: the peer takes no stream on this tunnel and has not looked at it. True: the owner takes its
    /// application's socket back, still watched, and tries elsewhere; the relay is over without a word.
    /// </summary>
    bool OnRefused();

    /// <summary>Once; sockets and stream are released.</summary>
    /// <param name="error">Null for success, which a reset of either side is too.</param>
    void OnRelayEnded(string? error, ResponseFlag flag);
}
