namespace Ztunnel.State;

internal enum NetworkMode
{
    Standard,

    /// <summary>Shares its node's addresses, so it is never found by address.</summary>
    HostNetwork,
}
