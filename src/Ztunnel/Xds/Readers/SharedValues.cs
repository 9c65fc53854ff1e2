using Google.Protobuf.Collections;
using Ztunnel.State;
using Wire = Ztunnel.Protos.Workloads;

namespace Ztunnel.Xds.Readers;

/// <summary>
/// One object for all resources that say the same: of 100,000 workloads' namespaces, nodes, localities and ports there
/// are few different ones. Bounded, since names come and go; one thread's.
/// <para>What a resource said until now is looked at first: a change mostly says the rest of it again, and of a large
/// mesh these tables are in no cache, while the old resource is about to be needed anyway.</para>
/// </summary>
internal sealed class SharedValues
{
    /// <summary>Of each kind; above it that kind starts over, and what follows shares among itself.</summary>
    private const int MaxEntries = 65_536;

    private readonly HashSet<string> _texts = new(StringComparer.Ordinal);
    private readonly HashSet<Locality> _localities = [];
    private readonly HashSet<GatewayAddress> _gateways = [];
    private readonly Dictionary<(string Key, PortMap Ports), WorkloadService> _services = []; // port maps are shared
    private readonly Dictionary<RepeatedField<Wire.Port>, PortMap> _ports = [];

    /// <param name="known">Said until now.</param>
    public string Text(string text, string? known = null) =>
        text.Length == 0 ? "" : text == known ? known : Share(_texts, text);

    /// <param name="known">Said until now.</param>
    public string[] Texts(RepeatedField<string> texts, string[]? known = null)
    {
        if (known is not null && Enumerable.SequenceEqual(texts, known))
        {
            return known;
        }

        string[] shared = texts.Count == 0 ? [] : new string[texts.Count];
        for (int at = 0; at < shared.Length; at++)
        {
            shared[at] = Text(texts[at]);
        }

        return shared;
    }

    /// <param name="known">Said until now.</param>
    public Locality Locality(Wire.Locality? locality, Locality? known)
    {
        if (locality is null)
        {
            return State.Locality.None;
        }

        return known is not null
            && locality.Region == known.Region && locality.Zone == known.Zone && locality.Subzone == known.Subzone
                ? known
                : Share(_localities, new Locality(Text(locality.Region), Text(locality.Zone), Text(locality.Subzone)));
    }

    public GatewayAddress Gateway(GatewayAddress gateway) => Share(_gateways, gateway);

    /// <param name="known">Said until now in this place.</param>
    /// <exception cref="RejectedResourceException">The key names no service, or a port is none.</exception>
    public WorkloadService Service(string key, Wire.PortList list, WorkloadService? known)
    {
        if (known is not null && known.Name.IsWrittenAs(key) && AreOf(known.Ports, list.Ports))
        {
            return known;
        }

        PortMap ports = Ports(list.Ports);
        if (!_services.TryGetValue((key, ports), out WorkloadService? service))
        {
            if (!NamespacedHostname.TryParse(key, out NamespacedHostname name))
            {
                throw new RejectedResourceException($"failed to parse namespaced hostname: {key}");
            }

            if (_services.Count >= MaxEntries)
            {
                _services.Clear();
            }

            service = new WorkloadService(new(Text(name.Namespace), Text(name.Hostname)), ports);
            _services.Add((key, ports), service);
        }

        return service;
    }

    /// <exception cref="RejectedResourceException">A port is none.</exception>
    public PortMap Ports(RepeatedField<Wire.Port> ports)
    {
        if (ports.Count == 0)
        {
            return PortMap.Empty;
        }

        if (!_ports.TryGetValue(ports, out PortMap? map))
        {
            if (_ports.Count >= MaxEntries)
            {
                _ports.Clear();
            }

            map = PortMap.From(ports.Select(static port =>
                new PortMapping(MeshValues.Port(port.ServicePort), MeshValues.Port(port.TargetPort))));
            _ports.Add(ports, map);
        }

        return map;
    }

    // False also for the same in another order, which is then found the long way.
    private static bool AreOf(PortMap map, RepeatedField<Wire.Port> ports)
    {
        ReadOnlySpan<PortMapping> mappings = map.Mappings;
        if (mappings.Length != ports.Count)
        {
            return false;
        }

        for (int at = 0; at < mappings.Length; at++)
        {
            if (mappings[at].ServicePort != ports[at].ServicePort || mappings[at].TargetPort != ports[at].TargetPort)
            {
                return false;
            }
        }

        return true;
    }

    private static T Share<T>(HashSet<T> known, T value)
    {
        if (known.TryGetValue(value, out T? shared))
        {
            return shared;
        }

        if (known.Count >= MaxEntries)
        {
            known.Clear();
        }

        known.Add(value);
        return value;
    }
}
