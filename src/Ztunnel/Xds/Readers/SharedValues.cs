using Google.Protobuf.Collections;
using Ztunnel.State;
using Wire = Ztunnel.Protos.Workloads;

namespace Ztunnel.Xds.Readers;

/// <summary>
/// One object for all resources that say the same: of 100,000 workloads' namespaces, nodes, localities and ports there
/// are few different ones. Bounded, since names come and go; one thread's.
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

    public string Text(string text) => text.Length == 0 ? "" : Share(_texts, text);

    public string[] Texts(RepeatedField<string> texts)
    {
        if (texts.Count == 0)
        {
            return [];
        }

        string[] shared = new string[texts.Count];
        for (int at = 0; at < shared.Length; at++)
        {
            shared[at] = Text(texts[at]);
        }

        return shared;
    }

    public Locality Locality(Wire.Locality? locality) => locality is null
        ? State.Locality.None
        : Share(_localities, new Locality(Text(locality.Region), Text(locality.Zone), Text(locality.Subzone)));

    public GatewayAddress Gateway(GatewayAddress gateway) => Share(_gateways, gateway);

    /// <exception cref="RejectedResourceException">The key names no service, or a port is none.</exception>
    public WorkloadService Service(string key, Wire.PortList list)
    {
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
