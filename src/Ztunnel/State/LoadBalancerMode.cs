namespace Ztunnel.State;

internal enum LoadBalancerMode
{
    /// <summary>Any endpoint.</summary>
    Standard,

    /// <summary>Only endpoints that match every preference.</summary>
    Strict,

    /// <summary>The endpoints that match most preferences.</summary>
    Failover,

    /// <summary>No selection: the connection goes to the address it asked for.</summary>
    Passthrough,
}
