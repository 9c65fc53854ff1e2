using Ztunnel.Hbone;

namespace Ztunnel.Proxy.Tunnels;

/// <summary>Who made an HBONE connection: the pool (client) or the listener's side (server). All calls on its worker.</summary>
internal interface ITunnelOwner
{
    /// <summary>TLS is up and HTTP/2 was begun: a client may open streams.</summary>
    void OnEstablished(TunnelConnection tunnel);

    /// <summary>Server: a request. The owner makes a stream of it (<see cref="TunnelConnection.Attach"/>).</summary>
    void OnRequest(TunnelConnection tunnel, Http2Stream stream, Http2Request request, bool endStream);

    /// <summary>A stream ended or SETTINGS came: there may be room for another stream, or nothing left to do.</summary>
    void OnCapacity(TunnelConnection tunnel);

    /// <summary>The peer answers no new streams.</summary>
    void OnGoAway(TunnelConnection tunnel);

    /// <summary>Once, after every stream was told.</summary>
    /// <param name="text">What happened, for people; null where the reason says it all.</param>
    void OnEnded(TunnelConnection tunnel, TunnelEnd end, string? text);
}
