namespace Ztunnel.State;

/// <summary>
/// Service port to target port. Services have a handful of ports: a scan over sorted pairs is faster and far smaller
/// than a dictionary. Target 0 stands for a named port that each endpoint resolves by itself. Equal
/// by what it says.
/// </summary>
internal sealed class PortMap : IEquatable<PortMap>
{
    private readonly PortMapping[] _mappings;

    private PortMap(PortMapping[] mappings) => _mappings = mappings;

    public static PortMap Empty { get; } = new([]);

    /// <summary>By service port, ascending.</summary>
    public ReadOnlySpan<PortMapping> Mappings => _mappings;

    /// <summary>A port named twice keeps its last target.</summary>
    public static PortMap From(IEnumerable<PortMapping> mappings)
    {
        PortMapping[] all = [.. mappings];
        if (!IsAscending(all))
        {
            SortedDictionary<ushort, PortMapping> sorted = [];
            foreach (PortMapping mapping in all)
            {
                sorted[mapping.ServicePort] = mapping;
            }

            all = [.. sorted.Values];
        }

        return all.Length == 0 ? Empty : new PortMap(all);
    }

    public static PortMap Of(params PortMapping[] mappings) => From(mappings);

    public bool TryGetTarget(ushort servicePort, out ushort targetPort)
    {
        foreach (PortMapping mapping in _mappings)
        {
            if (mapping.ServicePort == servicePort)
            {
                targetPort = mapping.TargetPort;
                return true;
            }
        }

        targetPort = 0;
        return false;
    }

    public bool HasTarget(ushort targetPort)
    {
        foreach (PortMapping mapping in _mappings)
        {
            if (mapping.TargetPort == targetPort)
            {
                return true;
            }
        }

        return false;
    }

    public bool Equals(PortMap? other) =>
        ReferenceEquals(this, other) || (other is not null && Mappings.SequenceEqual(other.Mappings));

    public override bool Equals(object? obj) => Equals(obj as PortMap);

    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (PortMapping mapping in _mappings)
        {
            hash.Add(mapping);
        }

        return hash.ToHashCode();
    }

    private static bool IsAscending(PortMapping[] mappings)
    {
        for (int at = 1; at < mappings.Length; at++)
        {
            if (mappings[at].ServicePort <= mappings[at - 1].ServicePort)
            {
                return false;
            }
        }

        return true;
    }
}
