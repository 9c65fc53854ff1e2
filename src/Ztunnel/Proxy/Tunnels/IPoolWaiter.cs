using Ztunnel.Telemetry;

namespace Ztunnel.Proxy.Tunnels;

/// <summary>Wants one stream to a peer. Exactly one answer, on the worker, perhaps within the request.</summary>
internal interface IPoolWaiter
{
    /// <summary>Nobody is interested any more: no answer is given.</summary>
    bool HasGivenUp { get; }

    /// <summary>The tunnel has room for a stream now: open it within the call.</summary>
    void OnTunnel(TunnelConnection tunnel);

    void OnTunnelFailed(string error, ResponseFlag flag);
}
