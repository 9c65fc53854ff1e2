using Ztunnel.Telemetry;

namespace Ztunnel.Proxy.Relay;

/// <summary>The connection a relay works for. All calls on its worker.</summary>
internal interface IRelayOwner
{
    /// <summary>Once; sockets and stream are released.</summary>
    /// <param name="error">Null for success, which a reset of either side is too.</param>
    void OnRelayEnded(string? error, ResponseFlag flag);
}
