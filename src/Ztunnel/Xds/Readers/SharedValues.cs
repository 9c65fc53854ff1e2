using System.Text;
using Google.Protobuf.Collections;
using Ztunnel.State;
using Wire = Ztunnel.Protos.Workloads;

namespace Ztunnel.Xds.Readers;

/// <summary>
/// One object for all resources that say the same: of 100,000 workloads' namespaces, nodes, localities and ports there
/// are few different ones. Bounded, since names come and go. Guarded by the owner.
/// <para>Parts of a workload are told by their bytes: what has been read once is not taken apart again.</para>
/// </summary>
internal sealed class SharedValues
{
    /// <summary>Of each kind; above it that kind starts over, and what follows shares among itself.</summary>
    private const int MaxEntries = 65_536;

    private const int LongText = 256; // characters; what is longer is not kept

    private readonly HashSet<string> _texts = new(StringComparer.Ordinal);
    private readonly HashSet<GatewayAddress> _gateways = [];
    private readonly HashSet<PortMap> _ports = [];
    private readonly WireCache<Locality> _readLocalities = new(MaxEntries);
    private readonly WireCache<GatewayAddress> _readGateways = new(MaxEntries);
    private readonly WireCache<WorkloadService> _readServices = new(MaxEntries);

    public string Text(string text) => text.Length is 0 or > LongText ? text : Share(_texts, text);

    /// <param name="utf8">Known to be that.</param>
    /// <param name="known">Said until now: looked at first, since of a large mesh the tables are in no cache.</param>
    public string Text(ReadOnlySpan<byte> utf8, string? known = null)
    {
        if (utf8.IsEmpty)
        {
            return "";
        }

        if (known is not null && WireText.Is(utf8, known))
        {
            return known;
        }

        if (utf8.Length > LongText)
        {
            return Encoding.UTF8.GetString(utf8);
        }

        Span<char> text = stackalloc char[LongText];
        int length = Encoding.UTF8.GetChars(utf8, text);
        return _texts.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text[..length], out string? shared)
            ? shared
            : Text(text[..length].ToString());
    }

    public string[] Texts(RepeatedField<string> texts) => [.. texts.Select(Text)];

    /// <param name="message">An <c>istio.workload.Locality</c>.</param>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public Locality Locality(ReadOnlySpan<byte> message)
    {
        if (!_readLocalities.TryGet(message, out Locality? locality))
        {
            Wire.Locality read = WireMessage.Parse(Wire.Locality.Parser, message);
            locality = new Locality(Text(read.Region), Text(read.Zone), Text(read.Subzone));
            _readLocalities.Add(message, locality);
        }

        return locality;
    }

    public GatewayAddress Gateway(GatewayAddress gateway) => Share(_gateways, gateway);

    /// <param name="message">An <c>istio.workload.GatewayAddress</c>.</param>
    /// <exception cref="InvalidDataException">It is none.</exception>
    /// <exception cref="RejectedResourceException">With the field's trouble.</exception>
    public GatewayAddress Gateway(ReadOnlySpan<byte> message)
    {
        if (!_readGateways.TryGet(message, out GatewayAddress? gateway))
        {
            gateway = MeshValues.Gateway(WireMessage.Parse(Wire.GatewayAddress.Parser, message), this);
            _readGateways.Add(message, gateway);
        }

        return gateway;
    }

    /// <param name="entry">Of a workload's map of services: key 1, value 2.</param>
    /// <exception cref="InvalidDataException">It is none.</exception>
    /// <exception cref="RejectedResourceException">The key names no service, or a port is none.</exception>
    public WorkloadService Service(ReadOnlySpan<byte> entry)
    {
        if (!_readServices.TryGet(entry, out WorkloadService? service))
        {
            service = ReadService(entry);
            _readServices.Add(entry, service);
        }

        return service;
    }

    /// <exception cref="RejectedResourceException">A port is none.</exception>
    public PortMap Ports(RepeatedField<Wire.Port> ports) => ports.Count == 0
        ? PortMap.Empty
        : Share(_ports, PortMap.From(ports.Select(static port =>
            new PortMapping(MeshValues.Port(port.ServicePort), MeshValues.Port(port.TargetPort)))));

    private WorkloadService ReadService(ReadOnlySpan<byte> entry)
    {
        string key = "";
        ReadOnlySpan<byte> list = default;
        WireReader fields = new(entry);
        while (fields.Next())
        {
            if (fields is { IsBytes: true, Field: 1 })
            {
                key = Encoding.UTF8.GetString(fields.Text);
            }
            else if (fields is { IsBytes: true, Field: 2 })
            {
                list = fields.Bytes;
            }
        }

        PortMap ports = Ports(WireMessage.Parse(Wire.PortList.Parser, list).Ports);
        return NamespacedHostname.TryParse(key, out NamespacedHostname name)
            ? new WorkloadService(new(Text(name.Namespace), Text(name.Hostname)), ports)
            : throw new RejectedResourceException($"failed to parse namespaced hostname: {key}");
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
