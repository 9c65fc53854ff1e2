namespace Ztunnel.State;

/// <summary>
/// Where a waypoint or network gateway is found: by address, or by the hostname of a service or workload
/// (exactly one of the two), and the port on which it speaks HBONE.
/// </summary>
internal sealed record GatewayAddress
{
    public GatewayAddress(NetworkAddress address, ushort hbonePort) => (Address, HbonePort) = (address, hbonePort);

    public GatewayAddress(NamespacedHostname hostname, ushort hbonePort) => (Hostname, HbonePort) = (hostname, hbonePort);

    public NetworkAddress? Address { get; }

    public NamespacedHostname? Hostname { get; }

    public ushort HbonePort { get; }

    /// <summary><c>network/IP</c> or <c>namespace/hostname</c>.</summary>
    public string Destination => Address?.ToString() ?? Hostname.GetValueOrDefault().ToString();

    /// <summary>How error texts name it: the bare hostname, or <c>network/IP</c>.</summary>
    public override string ToString() => Hostname?.Hostname ?? Destination;
}
