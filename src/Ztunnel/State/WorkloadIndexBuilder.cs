namespace Ztunnel.State;

internal sealed partial class WorkloadIndex
{
    /// <summary>Gathers the changes of one batch.</summary>
    internal sealed class Builder(WorkloadIndex start)
    {
        private readonly PersistentMap<string, Workload>.Builder _byUid = start._byUid.ToBuilder();
        private readonly PersistentMap<NetworkAddress, OneOrMany<Workload>>.Builder _byAddress = start._byAddress.ToBuilder();
        private readonly PersistentMap<NamespacedHostname, OneOrMany<Workload>>.Builder _byHostname = start._byHostname.ToBuilder();
        private readonly PersistentMap<(string, string), OneOrMany<Workload>>.Builder _onThisNode = start._onThisNode.ToBuilder();

        public Workload? Find(string uid) => _byUid.GetValueOrDefault(uid);

        /// <summary>The uid must be free.</summary>
        public void Add(Workload workload, bool isOnThisNode)
        {
            _byUid.Set(workload.Uid, workload);
            for (int at = 0; at < workload.Addresses.Length; at++)
            {
                if (IsIndexed(workload, at))
                {
                    NetworkAddress address = new(workload.Network, workload.Addresses[at]);
                    OneOrMany<Workload> sharers = _byAddress.GetValueOrDefault(address);
                    _byAddress.Set(address, sharers.Insert(Place(sharers, workload), workload));
                }
            }

            if (workload.Hostname.Length > 0)
            {
                var hostname = new NamespacedHostname(workload.Namespace, workload.Hostname);
                _byHostname.Set(hostname, _byHostname.GetValueOrDefault(hostname).Add(workload));
            }

            if (isOnThisNode)
            {
                (string, string) identity = (workload.Namespace, workload.ServiceAccount);
                _onThisNode.Set(identity, _onThisNode.GetValueOrDefault(identity).Add(workload));
            }
        }

        public void Remove(Workload workload)
        {
            _byUid.Remove(workload.Uid);
            for (int at = 0; at < workload.Addresses.Length; at++)
            {
                if (IsIndexed(workload, at))
                {
                    Remove(_byAddress, new NetworkAddress(workload.Network, workload.Addresses[at]), workload);
                }
            }

            Remove(_byHostname, new NamespacedHostname(workload.Namespace, workload.Hostname), workload);
            Remove(_onThisNode, (workload.Namespace, workload.ServiceAccount), workload);
        }

        public WorkloadIndex ToIndex() =>
            new(_byUid.ToMap(), _byAddress.ToMap(), _byHostname.ToMap(), _onThisNode.ToMap());

        private static void Remove<TKey>(PersistentMap<TKey, OneOrMany<Workload>>.Builder index, TKey key, Workload workload)
            where TKey : notnull, IEquatable<TKey>
        {
            OneOrMany<Workload> before = index.GetValueOrDefault(key);
            OneOrMany<Workload> left = before.Remove(workload);
            if (!left.IsEmpty)
            {
                index.Set(key, left);
            }
            else if (!before.IsEmpty)
            {
                index.Remove(key);
            }
        }

        // By each address once, however often it is listed.
        private static bool IsIndexed(Workload workload, int at) =>
            workload.NetworkMode != NetworkMode.HostNetwork
            && Array.IndexOf(workload.Addresses, workload.Addresses[at]) == at;

        // Before the first that does not outrank it: among equals the latest wins.
        private static int Place(OneOrMany<Workload> sharers, Workload workload)
        {
            int place = 0;
            while (place < sharers.Count && Rank(sharers[place]) > Rank(workload))
            {
                place++;
            }

            return place;
        }

        private static int Rank(Workload workload) =>
            (workload.Uid.Contains("//Pod/", StringComparison.Ordinal) ? 2 : 0)
            + (workload.Protocol == TunnelProtocol.Hbone ? 1 : 0);
    }
}
