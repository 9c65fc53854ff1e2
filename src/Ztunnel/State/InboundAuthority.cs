using System.Globalization;
using Ztunnel.Linux;

namespace Ztunnel.State;

/// <summary>
/// The <c>:authority</c> of a CONNECT: an address and port, or a hostname and port. A hostname is taken literally, case
/// and all, since it is compared with service hostnames exactly.
/// </summary>
internal readonly record struct InboundAuthority
{
    private readonly InetAddress _address;

    private InboundAuthority(string? hostname, InetAddress address, ushort port) =>
        (Hostname, _address, Port) = (hostname, address, port);

    /// <summary>Null for an address.</summary>
    public string? Hostname { get; }

    public ushort Port { get; }

    /// <summary>As written: an IPv4-mapped IPv6 address stays one. Meaningless with a hostname.</summary>
    public InetEndpoint Endpoint => new(_address, Port);

    public static bool TryParse(string text, out InboundAuthority authority)
    {
        if (InetEndpoint.TryParse(text, out InetEndpoint endpoint))
        {
            authority = new InboundAuthority(null, endpoint.Address, endpoint.Port);
            return true;
        }

        int colon = text.LastIndexOf(':');
        ushort port = 0;
        bool isName = colon > 0
            && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port);
        authority = isName ? new InboundAuthority(text[..colon], default, port) : default;
        return isName;
    }

    public override string ToString() => Hostname is null ? Endpoint.ToString() : $"{Hostname}:{Port}";
}
