using Ztunnel.State;

namespace Ztunnel.Policy;

/// <summary>
/// The policies that apply to a workload: those of its namespace, those of the mesh, those it lists. Walks them where
/// they are, without a list of its own, since every connection asks.
/// </summary>
internal readonly ref struct WorkloadPolicies(PolicyIndex policies, Workload workload)
{
    private readonly PolicyIndex _policies = policies;
    private readonly string[] _listed = workload.AuthorizationPolicies;
    private readonly string _namespace = workload.Namespace;

    public Enumerator GetEnumerator() => new(_policies, _policies.Of(_namespace), _listed);

    internal ref struct Enumerator(PolicyIndex policies, ReadOnlySpan<Authorization> ofNamespace, string[] listed)
    {
        private readonly PolicyIndex _policies = policies;
        private readonly ReadOnlySpan<Authorization> _ofNamespace = ofNamespace;
        private readonly ReadOnlySpan<Authorization> _global = policies.Global;
        private readonly string[] _listed = listed;
        private int _next;

        public Authorization Current { get; private set; } = null!;

        public bool MoveNext()
        {
            int index = _next++;
            if (index < _ofNamespace.Length)
            {
                Current = _ofNamespace[index];
                return true;
            }

            index -= _ofNamespace.Length;
            if (index < _global.Length)
            {
                Current = _global[index];
                return true;
            }

            return MoveToListed(index - _global.Length);
        }

        private bool MoveToListed(int index)
        {
            for (; index < _listed.Length; index++, _next++)
            {
                if (_policies.Find(_listed[index]) is { } policy)
                {
                    Current = policy;
                    return true;
                }
            }

            return false;
        }
    }
}
