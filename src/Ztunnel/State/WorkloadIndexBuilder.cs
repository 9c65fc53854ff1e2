using Ztunnel.Linux;

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
        private readonly PersistentMap<(string, string), int>.Builder _pods = start._pods.ToBuilder();

        public Workload? Find(string uid) => _byUid.GetValueOrDefault(uid);

        /// <summary>Adds, or replaces the workload of the same uid: <paramref name="old"/>, or null if there is none.</summary>
        public void Set(Workload workload, bool isOnThisNode, Workload? old)
        {
            _byUid.Set(workload.Uid, workload);
            Count(old, workload);
            if (old is not null)
            {
                Unlist(old, workload, isOnThisNode);
            }

            for (int at = 0; at < workload.Addresses.Length; at++)
            {
                if (IsIndexed(workload, at))
                {
                    NetworkAddress address = new(workload.Network, workload.Addresses[at]);
                    OneOrMany<Workload> others = Without(_byAddress.GetValueOrDefault(address), old);
                    _byAddress.Set(address, others.Insert(Place(others, workload), workload));
                }
            }

            if (workload.Hostname.Length > 0)
            {
                var hostname = new NamespacedHostname(workload.Namespace, workload.Hostname);
                _byHostname.Set(hostname, Without(_byHostname.GetValueOrDefault(hostname), old).Add(workload));
            }

            if (isOnThisNode)
            {
                (string, string) identity = (workload.Namespace, workload.ServiceAccount);
                _onThisNode.Set(identity, Without(_onThisNode.GetValueOrDefault(identity), old).Add(workload));
            }
        }

        public void Remove(Workload workload)
        {
            _byUid.Remove(workload.Uid);
            Count(workload, successor: null);
            Unlist(workload, successor: null, isSuccessorOnThisNode: false);
        }

        public WorkloadIndex ToIndex() =>
            new(_byUid.ToMap(), _byAddress.ToMap(), _byHostname.ToMap(), _onThisNode.ToMap(), _pods.ToMap());

        private void Count(Workload? old, Workload? successor)
        {
            if (old is not null && successor is not null && PodsOf(old) == PodsOf(successor))
            {
                return;
            }

            if (old is not null)
            {
                int left = _pods.GetValueOrDefault(PodsOf(old)) - 1;
                if (left > 0)
                {
                    _pods.Set(PodsOf(old), left);
                }
                else
                {
                    _pods.Remove(PodsOf(old));
                }
            }

            if (successor is not null)
            {
                _pods.Set(PodsOf(successor), _pods.GetValueOrDefault(PodsOf(successor)) + 1);
            }
        }

        private static (string Namespace, string WorkloadName) PodsOf(Workload workload) =>
            (workload.Namespace, workload.WorkloadName);

        // From all indexes but where the successor will stand anyway: one step there instead of two.
        private void Unlist(Workload old, Workload? successor, bool isSuccessorOnThisNode)
        {
            for (int at = 0; at < old.Addresses.Length; at++)
            {
                if (IsIndexed(old, at) && !IsAt(successor, old.Network, old.Addresses[at]))
                {
                    Remove(_byAddress, new NetworkAddress(old.Network, old.Addresses[at]), old);
                }
            }

            NamespacedHostname hostname = new(old.Namespace, old.Hostname);
            if (successor is null || hostname != new NamespacedHostname(successor.Namespace, successor.Hostname))
            {
                Remove(_byHostname, hostname, old);
            }

            (string, string) identity = (old.Namespace, old.ServiceAccount);
            if (!isSuccessorOnThisNode || identity != (successor!.Namespace, successor.ServiceAccount))
            {
                Remove(_onThisNode, identity, old);
            }
        }

        private static bool IsAt(Workload? workload, string network, InetAddress address) =>
            workload is { NetworkMode: not NetworkMode.HostNetwork }
            && string.Equals(workload.Network, network, StringComparison.Ordinal)
            && Array.IndexOf(workload.Addresses, address) >= 0;

        private static OneOrMany<Workload> Without(OneOrMany<Workload> sharers, Workload? old) =>
            old is null ? sharers : sharers.Remove(old);

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
