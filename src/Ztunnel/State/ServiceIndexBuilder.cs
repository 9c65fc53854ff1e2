namespace Ztunnel.State;

internal sealed partial class ServiceIndex
{
    /// <summary>Gathers the changes of one batch.</summary>
    internal sealed class Builder(ServiceIndex start)
    {
        private readonly PersistentMap<NamespacedHostname, Service>.Builder _byName = start._byName.ToBuilder();
        private readonly PersistentMap<string, OneOrMany<Service>>.Builder _byHostname = start._byHostname.ToBuilder();
        private readonly PersistentMap<NetworkAddress, OneOrMany<Service>>.Builder _byVip = start._byVip.ToBuilder();
        private readonly PersistentMap<NamespacedHostname, EndpointSet>.Builder _endpoints = start._endpoints.ToBuilder();
        private readonly Dictionary<NamespacedHostname, EndpointChanges> _changes = []; // since the start
        private CidrIndex _byCidr = start._byCidr;

        /// <summary>Adds or replaces; a replacement keeps the place of the old version among its rivals.</summary>
        public void Set(Service service)
        {
            Service? old = _byName.GetValueOrDefault(service.Key);
            _byName.Set(service.Key, service);
            Replace(_byHostname, [service.Hostname], old is null ? [] : [old.Hostname], old, service);
            Replace(_byVip, service.Vips, old?.Vips ?? [], old, service);
            _byCidr = _byCidr.Replace(old, service);
            ForgetDeclared(old);
            foreach (Endpoint endpoint in service.DeclaredEndpoints)
            {
                if (ChangesOf(service.Key).Find(endpoint.WorkloadUid) is not { Workload: not null }) // whose word counts
                {
                    SetEndpoint(service.Key, endpoint);
                }
            }
        }

        /// <summary>Endpoints that workloads announced stay, in case the service comes back.</summary>
        public bool Remove(NamespacedHostname name)
        {
            Service? old = _byName.GetValueOrDefault(name);
            if (old is null)
            {
                return false;
            }

            _byName.Remove(name);
            Replace(_byHostname, [], [old.Hostname], old, null);
            Replace(_byVip, [], old.Vips, old, null);
            _byCidr = _byCidr.Replace(old, null);
            ForgetDeclared(old);
            return true;
        }

        public void SetEndpoint(NamespacedHostname service, Endpoint endpoint) => ChangesOf(service).Set(endpoint);

        public void RemoveEndpoint(NamespacedHostname service, string workloadUid) =>
            ChangesOf(service).Remove(workloadUid);

        public ServiceIndex ToIndex()
        {
            foreach ((NamespacedHostname service, EndpointChanges changes) in _changes)
            {
                EndpointSet endpoints = changes.Apply();
                if (endpoints.Count > 0)
                {
                    _endpoints.Set(service, endpoints);
                }
                else
                {
                    _endpoints.Remove(service);
                }
            }

            _changes.Clear();
            return new(_byName.ToMap(), _byHostname.ToMap(), _byVip.ToMap(), _byCidr, _endpoints.ToMap());
        }

        // But what a workload of the same uid announced itself since.
        private void ForgetDeclared(Service? service)
        {
            foreach (Endpoint endpoint in service?.DeclaredEndpoints ?? [])
            {
                if (ChangesOf(service!.Key).Find(endpoint.WorkloadUid) is { Workload: null })
                {
                    RemoveEndpoint(service.Key, endpoint.WorkloadUid);
                }
            }
        }

        // Once per service and batch: a push may bring thousands of endpoints of one service, one by one.
        private EndpointChanges ChangesOf(NamespacedHostname service)
        {
            if (!_changes.TryGetValue(service, out EndpointChanges? changes))
            {
                changes = new EndpointChanges(_endpoints.GetValueOrDefault(service) ?? EndpointSet.Empty);
                _changes.Add(service, changes);
            }

            return changes;
        }

        private static void Replace<TKey>(
            PersistentMap<TKey, OneOrMany<Service>>.Builder index, TKey[] keys, TKey[] oldKeys, Service? old, Service? service)
            where TKey : notnull, IEquatable<TKey>
        {
            foreach (TKey gone in oldKeys.Length == 0 ? [] : oldKeys.Except(keys))
            {
                OneOrMany<Service> left = index.GetValueOrDefault(gone).Remove(old!);
                if (left.IsEmpty)
                {
                    index.Remove(gone);
                }
                else
                {
                    index.Set(gone, left);
                }
            }

            foreach (TKey key in keys.Length == 1 ? keys : keys.Distinct())
            {
                index.Set(key, index.GetValueOrDefault(key).Replace(old, service!));
            }
        }
    }
}
