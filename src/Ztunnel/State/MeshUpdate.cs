namespace Ztunnel.State;

/// <summary>
/// One batch of changes; readers see all of it or nothing. Within a kind the order of the calls counts, and a
/// resource may come twice.
/// </summary>
internal sealed class MeshUpdate
{
    internal List<(string Uid, Workload? Workload)> Workloads { get; } = [];

    internal List<(NamespacedHostname Name, Service? Service)> Services { get; } = [];

    internal List<KeyValuePair<string, Authorization?>> Policies { get; } = [];

    /// <summary>Nothing would change.</summary>
    public bool IsEmpty => Workloads.Count + Services.Count + Policies.Count == 0;

    /// <param name="workload">The state's from then on, which changes its health.</param>
    public MeshUpdate Set(Workload workload)
    {
        Workloads.Add((workload.Uid, workload));
        return this;
    }

    public MeshUpdate Set(Service service)
    {
        Services.Add((service.Key, service));
        return this;
    }

    public MeshUpdate Set(Authorization policy) => Set(policy.Key, policy);

    /// <param name="key">The resource's name.</param>
    /// <param name="policy">Stored under the key, whatever its own name says.</param>
    public MeshUpdate Set(string key, Authorization policy)
    {
        Policies.Add(new(key, policy));
        return this;
    }

    public MeshUpdate RemoveWorkload(string uid)
    {
        Workloads.Add((uid, null));
        return this;
    }

    public MeshUpdate RemoveService(NamespacedHostname name)
    {
        Services.Add((name, null));
        return this;
    }

    public MeshUpdate RemovePolicy(string key)
    {
        Policies.Add(new(key, null));
        return this;
    }
}
