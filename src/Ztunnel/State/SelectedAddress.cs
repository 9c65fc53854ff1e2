using Ztunnel.Linux;

namespace Ztunnel.State;

/// <summary>The address a workload is dialled at, or the name to resolve first.</summary>
internal readonly record struct SelectedAddress(InetAddress Address, string? Hostname)
{
    /// <param name="wanted">What the client (or the reference to a gateway) asked for.</param>
    public static bool TryFind(Workload workload, Service? service, InetAddress wanted, out SelectedAddress selected)
    {
        if (workload.HasAddress(wanted))
        {
            selected = new SelectedAddress(wanted, null);
            return true;
        }

        IpFamilies families = service?.IpFamilies ?? IpFamilies.Automatic;
        InetAddress? other = null;
        foreach (InetAddress address in workload.Addresses)
        {
            if (!IsAllowed(families, address))
            {
                continue;
            }

            if (address.IsV6 == wanted.IsV6)
            {
                selected = new SelectedAddress(address, null);
                return true;
            }

            other ??= address;
        }

        selected = new SelectedAddress(other.GetValueOrDefault(), other is null ? workload.Hostname : null);
        return other is not null || workload.Hostname.Length > 0;
    }

    private static bool IsAllowed(IpFamilies families, InetAddress address) => families switch
    {
        IpFamilies.IPv4 => address.IsV4,
        IpFamilies.IPv6 => address.IsV6,
        _ => true,
    };
}
