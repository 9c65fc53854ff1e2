using Ztunnel.Identity;

namespace Ztunnel.State;

/// <summary>All workloads, immutable, by everything they are asked by.</summary>
internal sealed partial class WorkloadIndex
{
    private readonly PersistentMap<string, Workload> _byUid;
    private readonly PersistentMap<NetworkAddress, OneOrMany<Workload>> _byAddress; // best first
    private readonly PersistentMap<NamespacedHostname, OneOrMany<Workload>> _byHostname;
    private readonly PersistentMap<(string Namespace, string ServiceAccount), OneOrMany<Workload>> _onThisNode;
    private readonly PersistentMap<(string Namespace, string WorkloadName), int> _pods;

    private WorkloadIndex(
        PersistentMap<string, Workload> byUid,
        PersistentMap<NetworkAddress, OneOrMany<Workload>> byAddress,
        PersistentMap<NamespacedHostname, OneOrMany<Workload>> byHostname,
        PersistentMap<(string Namespace, string ServiceAccount), OneOrMany<Workload>> onThisNode,
        PersistentMap<(string Namespace, string WorkloadName), int> pods)
    {
        _byUid = byUid;
        _byAddress = byAddress;
        _byHostname = byHostname;
        _onThisNode = onThisNode;
        _pods = pods;
    }

    public static WorkloadIndex Empty { get; } = new(
        PersistentMap<string, Workload>.Empty,
        PersistentMap<NetworkAddress, OneOrMany<Workload>>.Empty,
        PersistentMap<NamespacedHostname, OneOrMany<Workload>>.Empty,
        PersistentMap<(string, string), OneOrMany<Workload>>.Empty,
        PersistentMap<(string, string), int>.Empty);

    public int Count => _byUid.Count;

    public Workload? Find(string uid) => _byUid.GetValueOrDefault(uid);

    /// <summary>A pod before anything else, then what speaks HBONE, then the latest. Host-network workloads are not found.</summary>
    public Workload? Find(NetworkAddress address) => _byAddress.GetValueOrDefault(address).First;

    public Workload? Find(NamespacedHostname hostname) => _byHostname.GetValueOrDefault(hostname).First;

    /// <summary>Among the workloads of this node only.</summary>
    public Workload? Find(WorkloadInfo info)
    {
        OneOrMany<Workload> candidates = _onThisNode.GetValueOrDefault((info.Namespace, info.ServiceAccount));
        for (int i = 0; i < candidates.Count; i++)
        {
            if (string.Equals(candidates[i].Name, info.Name, StringComparison.Ordinal))
            {
                return candidates[i];
            }
        }

        return null;
    }

    /// <summary>Whether a workload of this node has the service account.</summary>
    public bool HasOnThisNode(string @namespace, string serviceAccount) =>
        _onThisNode.GetValueOrDefault((@namespace, serviceAccount)).Count > 0;

    /// <summary>Whether a pod of any node belongs to what telemetry calls a workload: a deployment, a job.</summary>
    public bool HasPodOf(string @namespace, string workloadName) => _pods.TryGetValue((@namespace, workloadName), out _);

    /// <summary>Those of this node, in no particular order.</summary>
    public IEnumerable<Workload> OnThisNode() => _onThisNode.Entries().SelectMany(entry => entry.Value.ToArray());

    /// <summary>In no particular order.</summary>
    public IEnumerable<Workload> All() => _byUid.Entries().Select(entry => entry.Value);

    public Builder ToBuilder() => new(this);
}
