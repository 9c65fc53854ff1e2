namespace Ztunnel.State;

internal enum ApplicationTunnelProtocol
{
    None,

    /// <summary>PROXY protocol v2 in front of the payload.</summary>
    Proxy,
}
