namespace Ztunnel.State;

/// <summary>All authorization policies, immutable, by key and by where they apply without being asked for.</summary>
internal sealed class PolicyIndex
{
    private readonly PersistentMap<string, Authorization> _byKey;
    private readonly PersistentMap<string, Authorization[]> _byNamespace;
    private readonly Authorization[] _global;

    private PolicyIndex(
        PersistentMap<string, Authorization> byKey,
        PersistentMap<string, Authorization[]> byNamespace,
        Authorization[] global)
    {
        _byKey = byKey;
        _byNamespace = byNamespace;
        _global = global;
    }

    public static PolicyIndex Empty { get; } =
        new(PersistentMap<string, Authorization>.Empty, PersistentMap<string, Authorization[]>.Empty, []);

    public int Count => _byKey.Count;

    /// <summary>Those of the whole mesh.</summary>
    public ReadOnlySpan<Authorization> Global => _global;

    /// <summary>Those that apply to every workload of a namespace.</summary>
    public ReadOnlySpan<Authorization> Of(string @namespace) =>
        _byNamespace.TryGetValue(@namespace, out Authorization[]? policies) ? policies : [];

    /// <param name="key">The resource's name, <c>namespace/name</c>.</param>
    public Authorization? Find(string key) => _byKey.GetValueOrDefault(key);

    /// <summary>In no particular order.</summary>
    public IEnumerable<KeyValuePair<string, Authorization>> All() => _byKey.Entries();

    /// <summary>A null policy removes its key. Later changes win.</summary>
    public PolicyIndex With(IEnumerable<KeyValuePair<string, Authorization?>> changes)
    {
        PersistentMap<string, Authorization>.Builder byKey = _byKey.ToBuilder();
        PersistentMap<string, Authorization[]>.Builder byNamespace = _byNamespace.ToBuilder();
        Authorization[] global = _global;
        foreach ((string key, Authorization? policy) in changes)
        {
            Authorization? old = byKey.GetValueOrDefault(key);
            if (policy is null)
            {
                byKey.Remove(key);
            }
            else
            {
                byKey.Set(key, policy);
            }

            global = Replace(global, old, policy, PolicyScope.Global);
            ReplaceInNamespace(byNamespace, old, null);
            ReplaceInNamespace(byNamespace, null, policy);
        }

        return new PolicyIndex(byKey.ToMap(), byNamespace.ToMap(), global);
    }

    private static Authorization[] Replace(Authorization[] list, Authorization? old, Authorization? policy, PolicyScope scope)
    {
        Authorization[] left = old?.Scope == scope ? Array.FindAll(list, other => other != old) : list;
        return policy?.Scope == scope ? [.. left, policy] : left;
    }

    private static void ReplaceInNamespace(
        PersistentMap<string, Authorization[]>.Builder byNamespace, Authorization? old, Authorization? policy)
    {
        if ((old ?? policy) is not { Scope: PolicyScope.Namespace } changed)
        {
            return;
        }

        Authorization[] before = byNamespace.GetValueOrDefault(changed.Namespace) ?? [];
        Authorization[] after = Replace(before, old, policy, PolicyScope.Namespace);
        if (after.Length == 0)
        {
            byNamespace.Remove(changed.Namespace);
        }
        else
        {
            byNamespace.Set(changed.Namespace, after);
        }
    }
}
