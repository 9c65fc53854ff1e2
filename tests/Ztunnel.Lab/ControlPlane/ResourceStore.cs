namespace Ztunnel.Lab;

/// <summary>
/// What the control plane serves at this moment. Every change is one revision; who streams compares revisions.
/// </summary>
internal sealed class ResourceStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Dictionary<string, MeshResource>> _types = [];
    private readonly List<(long Revision, string TypeUrl, string Name)> _changes = []; // since _logged
    private long _logged;

    /// <summary>Asked for a name that is not there, by type URL and name: makes the resource, or null.</summary>
    public Func<string, string, MeshResource?>? OnMissing { get; set; }

    /// <summary>Of the latest change.</summary>
    public long Revision { get; private set; }

    /// <summary>Several changes at once, seen by nobody in between.</summary>
    public long Change(IEnumerable<MeshResource> set, IEnumerable<(string TypeUrl, string Name)> remove)
    {
        lock (_lock)
        {
            Revision++;
            foreach (MeshResource resource in set)
            {
                Type(resource.TypeUrl)[resource.Name] = resource;
                _changes.Add((Revision, resource.TypeUrl, resource.Name));
            }

            foreach ((string typeUrl, string name) in remove)
            {
                Type(typeUrl).Remove(name);
                _changes.Add((Revision, typeUrl, name));
            }

            return Revision;
        }
    }

    /// <summary>Exactly these of their types; what is the same as before is not touched.</summary>
    public long Replace(IReadOnlyCollection<MeshResource> resources, params ReadOnlySpan<string> typeUrls)
    {
        lock (_lock)
        {
            foreach (string typeUrl in typeUrls)
            {
                Dictionary<string, MeshResource> before = Type(typeUrl);
                _types[typeUrl] = resources.Where(resource => resource.TypeUrl == typeUrl).ToDictionary(
                    resource => resource.Name,
                    resource => before.GetValueOrDefault(resource.Name) is { } old && old.IsSameAs(resource)
                        ? old
                        : resource);
            }

            return ForgetChanges();
        }
    }

    public long Clear()
    {
        lock (_lock)
        {
            _types.Clear();
            return ForgetChanges();
        }
    }

    /// <summary>
    /// What of a type changed since a revision, null for what is gone; or null if only a look at everything can tell.
    /// </summary>
    public (long Revision, IReadOnlyDictionary<string, MeshResource?> Resources)? Since(string typeUrl, long revision)
    {
        lock (_lock)
        {
            if (revision < _logged)
            {
                return null;
            }

            Dictionary<string, MeshResource> type = Type(typeUrl);
            Dictionary<string, MeshResource?> changed = [];
            for (int at = _changes.Count - 1; at >= 0 && _changes[at].Revision > revision; at--)
            {
                if (_changes[at].TypeUrl == typeUrl)
                {
                    changed[_changes[at].Name] = type.GetValueOrDefault(_changes[at].Name);
                }
            }

            return (Revision, changed);
        }
    }

    /// <summary>All of a type, and the revision they belong to.</summary>
    public (long Revision, IReadOnlyDictionary<string, MeshResource> Resources) All(string typeUrl)
    {
        lock (_lock)
        {
            return (Revision, new Dictionary<string, MeshResource>(Type(typeUrl)));
        }
    }

    /// <summary>
    /// What somebody gets who asked for these names: each resource by name or alias, behind a service its workloads,
    /// and whatever lives on the node.
    /// </summary>
    public (long Revision, IReadOnlyDictionary<string, MeshResource> Resources) Some(
        string typeUrl, IReadOnlyCollection<string> names, string node)
    {
        lock (_lock)
        {
            Dictionary<string, MeshResource> type = Type(typeUrl);
            foreach (string name in names.Where(name => !type.ContainsKey(name)))
            {
                if (OnMissing?.Invoke(typeUrl, name) is { } made)
                {
                    type[name] = made;
                }
            }

            HashSet<string> asked = [.. names];
            HashSet<string> found = [.. type.Values.Where(IsAsked).Select(resource => resource.Name)];
            return (Revision, type.Values
                .Where(resource => found.Contains(resource.Name)
                    || resource.Services.Any(found.Contains)
                    || (resource.Node.Length > 0 && resource.Node == node))
                .ToDictionary(resource => resource.Name));

            bool IsAsked(MeshResource resource) =>
                asked.Contains(resource.Name) || resource.Aliases.Any(asked.Contains);
        }
    }

    private long ForgetChanges()
    {
        _changes.Clear();
        return _logged = ++Revision;
    }

    private Dictionary<string, MeshResource> Type(string typeUrl)
    {
        if (!_types.TryGetValue(typeUrl, out Dictionary<string, MeshResource>? type))
        {
            _types[typeUrl] = type = [];
        }

        return type;
    }
}
