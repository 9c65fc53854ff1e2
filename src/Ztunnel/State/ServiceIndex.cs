namespace Ztunnel.State;

/// <summary>All services and their endpoints, immutable, by everything they are asked by.</summary>
internal sealed partial class ServiceIndex
{
    private readonly PersistentMap<NamespacedHostname, Service> _byName;
    private readonly PersistentMap<string, OneOrMany<Service>> _byHostname;
    private readonly PersistentMap<NetworkAddress, OneOrMany<Service>> _byVip;
    private readonly CidrIndex _byCidr;
    private readonly PersistentMap<NamespacedHostname, EndpointSet> _endpoints; // also of services not yet known

    private ServiceIndex(
        PersistentMap<NamespacedHostname, Service> byName,
        PersistentMap<string, OneOrMany<Service>> byHostname,
        PersistentMap<NetworkAddress, OneOrMany<Service>> byVip,
        CidrIndex byCidr,
        PersistentMap<NamespacedHostname, EndpointSet> endpoints)
    {
        _byName = byName;
        _byHostname = byHostname;
        _byVip = byVip;
        _byCidr = byCidr;
        _endpoints = endpoints;
    }

    public static ServiceIndex Empty { get; } = new(
        PersistentMap<NamespacedHostname, Service>.Empty,
        PersistentMap<string, OneOrMany<Service>>.Empty,
        PersistentMap<NetworkAddress, OneOrMany<Service>>.Empty,
        CidrIndex.Empty,
        PersistentMap<NamespacedHostname, EndpointSet>.Empty);

    public int Count => _byName.Count;

    /// <summary>Exactly this service, whoever may see it.</summary>
    public Service? Find(NamespacedHostname name) => _byName.GetValueOrDefault(name);

    /// <summary>The best of those that share the hostname.</summary>
    /// <param name="clientNamespace">Null: no namespace is preferred and every service is visible.</param>
    public Service? Find(string hostname, string? clientNamespace) =>
        Best(_byHostname.GetValueOrDefault(hostname), clientNamespace);

    /// <summary>The best by exact address; only without one the best by range.</summary>
    /// <param name="clientNamespace">As for hostnames.</param>
    public Service? Find(NetworkAddress address, string? clientNamespace) =>
        Best(_byVip.GetValueOrDefault(address), clientNamespace) ?? _byCidr.Find(address, clientNamespace);

    /// <summary>All that workloads (or the service itself) named, healthy or not.</summary>
    public EndpointSet EndpointsOf(NamespacedHostname service) =>
        _endpoints.TryGetValue(service, out EndpointSet? endpoints) ? endpoints : EndpointSet.Empty;

    /// <summary>All services that carry the hostname, in order of arrival.</summary>
    public OneOrMany<Service> Sharing(string hostname) => _byHostname.GetValueOrDefault(hostname);

    /// <inheritdoc cref="Sharing(string)"/>
    public OneOrMany<Service> Sharing(ReadOnlySpan<char> hostname) => _byHostname.Find(new TextMatch(hostname));

    /// <summary>In no particular order.</summary>
    public IEnumerable<Service> All() => _byName.Entries().Select(entry => entry.Value);

    /// <summary>Endpoints that wait for their service.</summary>
    public IEnumerable<KeyValuePair<NamespacedHostname, EndpointSet>> Staged() =>
        _endpoints.Entries().Where(entry => !_byName.TryGetValue(entry.Key, out _));

    public Builder ToBuilder() => new(this);

    // The client's own namespace, then the last canonical one, then the first.
    private static Service? Best(OneOrMany<Service> services, string? clientNamespace)
    {
        Service? best = null;
        for (int i = 0; i < services.Count; i++)
        {
            Service service = services[i];
            if (!service.IsVisibleTo(clientNamespace))
            {
                continue;
            }

            if (string.Equals(service.Namespace, clientNamespace, StringComparison.Ordinal))
            {
                return service;
            }

            if (best is null || service.Canonical)
            {
                best = service;
            }
        }

        return best;
    }
}
