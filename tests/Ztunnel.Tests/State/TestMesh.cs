using Ztunnel.Linux;
using Ztunnel.State;

namespace Ztunnel.Tests.State;

/// <summary>Short words for the workloads and services that tests need.</summary>
internal static class TestMesh
{
    public static InetAddress Ip(string text) => InetAddress.Parse(text);

    public static InetEndpoint At(string text) => InetEndpoint.Parse(text);

    public static NetworkAddress Address(string text) =>
        NetworkAddress.TryParse(text, out NetworkAddress address) ? address : throw new FormatException(text);

    public static NamespacedHostname Name(string text) =>
        NamespacedHostname.TryParse(text, out NamespacedHostname name) ? name : throw new FormatException(text);

    public static PortMap Ports(params (ushort Service, ushort Target)[] ports) =>
        PortMap.From(ports.Select(port => new PortMapping(port.Service, port.Target)));

    public static WorkloadService Serves(string name, params (ushort Service, ushort Target)[] ports) =>
        new(Name(name), Ports(ports));

    public static GatewayAddress Gateway(string destination, ushort port = 15008) =>
        NetworkAddress.TryParse(destination, out NetworkAddress address)
            ? new GatewayAddress(address, port)
            : new GatewayAddress(Name(destination), port);

    public static MeshSnapshot Snapshot(params object[] resources)
    {
        var state = new MeshState(localNode: null);
        state.Apply(Update(resources));
        return state.Current;
    }

    public static MeshUpdate Update(params object[] resources)
    {
        var update = new MeshUpdate();
        foreach (object resource in resources)
        {
            _ = resource switch
            {
                Workload workload => update.Set(workload),
                Service service => update.Set(service),
                Authorization policy => update.Set(policy),
                _ => throw new ArgumentException(resource.ToString()),
            };
        }

        return update;
    }
}
