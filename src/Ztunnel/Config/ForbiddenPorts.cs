namespace Ztunnel.Config;

/// <summary>
/// The proxy's own capture ports: a connection that would end on one of them would come back to the proxy forever.
/// </summary>
internal sealed class ForbiddenPorts(params ushort[] ports)
{
    private readonly ushort[] _ports = ports;

    public ReadOnlySpan<ushort> Ports => _ports;

    public bool Contains(ushort port) => Array.IndexOf(_ports, port) >= 0;
}
