using Ztunnel.Linux;
using Ztunnel.State;

namespace Ztunnel.Dns.Resolution;

/// <summary>Which addresses a service has for a client.</summary>
internal static class ServiceAddresses
{
    /// <summary>The service never has addresses of the family.</summary>
    public static bool Lacks(Service service, bool v6) =>
        service.IpFamilies == (v6 ? IpFamilies.IPv4 : IpFamilies.IPv6);

    /// <summary>
    /// Virtual addresses on the client's network; without any virtual address at all, the first of the family of each
    /// endpoint. Ranges (CIDR) are no addresses.
    /// </summary>
    public static void Collect(MeshSnapshot mesh, Service service, string network, bool v6, AddressList addresses)
    {
        addresses.Clear();
        foreach (NetworkAddress vip in service.Vips)
        {
            if (vip.Address.IsV6 == v6 && vip.Network == network)
            {
                addresses.Add(vip.Address);
            }
        }

        if (service.Vips.Length > 0)
        {
            return;
        }

        foreach (Endpoint[] page in mesh.EndpointsOf(service).Pages)
        {
            foreach (Endpoint endpoint in page)
            {
                AddFirst(mesh.WorkloadOf(endpoint), v6, addresses);
            }
        }
    }

    private static void AddFirst(Workload? workload, bool v6, AddressList addresses)
    {
        foreach (InetAddress address in workload?.Addresses ?? [])
        {
            if (address.IsV6 == v6)
            {
                addresses.Add(address);
                return;
            }
        }
    }
}
