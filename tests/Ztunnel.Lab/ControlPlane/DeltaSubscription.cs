using Ztunnel.Protos.Discovery;

namespace Ztunnel.Lab;

/// <summary>One type on one delta stream: what is subscribed, what the client has, what it has to be told.</summary>
internal sealed class DeltaSubscription(string typeUrl, string node)
{
    private const string Everything = "*";

    private readonly HashSet<string> _names = [];
    private readonly HashSet<string> _asked = []; // to be answered, whether anything changed or not
    private readonly Dictionary<string, MeshResource?> _sent = []; // null: the client has it from an earlier stream
    private readonly Dictionary<string, string> _retained = [];
    private readonly HashSet<string> _unanswered = [];
    private bool _isWildcard;
    private bool _isNew = true;
    private bool _owesAnswer = true; // the first request is answered even if there is nothing to tell

    public string TypeUrl => typeUrl;

    /// <summary>All changes up to here have been sent, or were none for this client.</summary>
    public long Revision { get; private set; } = -1;

    /// <summary>The client asked for it; false: a fault sent it unasked.</summary>
    public bool IsWanted => !_isNew;

    public bool HasUnanswered => _unanswered.Count > 0;

    public void Receive(DeltaDiscoveryRequest request)
    {
        if (_isNew)
        {
            _isNew = false;
            _isWildcard =
                request.ResourceNamesSubscribe.Count == 0 || request.ResourceNamesSubscribe.Contains(Everything);
            Retain(request, isWildcard: _isWildcard && !request.ResourceNamesUnsubscribe.Contains(Everything));
        }

        foreach (string name in request.ResourceNamesSubscribe.Where(name => name != Everything))
        {
            _names.Add(name);
            _asked.Add(name);
        }

        foreach (string name in request.ResourceNamesUnsubscribe)
        {
            _names.Remove(name);
            _sent.Remove(name);
            _isWildcard &= name != Everything;
        }
    }

    public void Answer(string nonce) => _unanswered.Remove(nonce);

    public void Expect(string nonce) => _unanswered.Add(nonce);

    /// <summary>What the client lacks, or null.</summary>
    public DeltaDiscoveryResponse? Next(ResourceStore store)
    {
        if (_isNew)
        {
            return null;
        }

        if (_isWildcard && !_owesAnswer && _asked.Count == 0
            && store.Since(typeUrl, Revision) is (long revision, IReadOnlyDictionary<string, MeshResource?> changed))
        {
            Revision = revision;
            return Changes(changed);
        }

        (Revision, IReadOnlyDictionary<string, MeshResource> wanted) =
            _isWildcard ? store.All(typeUrl) : store.Some(typeUrl, _names, node);
        DeltaDiscoveryResponse response = new() { TypeUrl = typeUrl };
        foreach (MeshResource resource in wanted.Values.Where(IsDue))
        {
            response.Resources.Add(Wire(resource));
        }

        Lazy<HashSet<string>> aliases = new(() => [.. wanted.Values.SelectMany(resource => resource.Aliases)]);
        response.RemovedResources.AddRange(_sent.Keys.Union(_asked)
            .Where(name => !wanted.ContainsKey(name) && !aliases.Value.Contains(name)));
        bool isWorthIt = _owesAnswer || response.Resources.Count > 0 || response.RemovedResources.Count > 0;
        Remember(wanted);
        return isWorthIt ? response : null;
    }

    public override string ToString() =>
        $"{typeUrl} at revision {Revision}" +
        (HasUnanswered ? $", without an answer to {string.Join(' ', _unanswered)}" : "");

    // One update of a large mesh costs as little here as one of a small mesh, or it would be what a benchmark measures.
    private DeltaDiscoveryResponse? Changes(IReadOnlyDictionary<string, MeshResource?> changed)
    {
        DeltaDiscoveryResponse response = new() { TypeUrl = typeUrl };
        foreach ((string name, MeshResource? resource) in changed)
        {
            if (resource is null)
            {
                if (_sent.Remove(name))
                {
                    response.RemovedResources.Add(name);
                }
            }
            else if (IsDue(resource))
            {
                response.Resources.Add(Wire(resource));
                _sent[name] = resource;
            }
        }

        return response.Resources.Count + response.RemovedResources.Count > 0 ? response : null;
    }

    // On demand, what the client has is also what it wants to hear of.
    private void Retain(DeltaDiscoveryRequest request, bool isWildcard)
    {
        foreach ((string name, string version) in request.InitialResourceVersions)
        {
            _retained[name] = version;
            _sent[name] = null;
            if (!isWildcard)
            {
                _names.Add(name);
                _asked.Add(name);
            }
        }
    }

    private bool IsDue(MeshResource resource)
    {
        if (_sent.TryGetValue(resource.Name, out MeshResource? sent) && sent is not null)
        {
            return !ReferenceEquals(sent, resource)
                || _asked.Contains(resource.Name)
                || resource.Aliases.Any(_asked.Contains);
        }

        bool hasIt = resource.Version.Length > 0 && _retained.GetValueOrDefault(resource.Name) == resource.Version;
        return !hasIt;
    }

    private void Remember(IReadOnlyDictionary<string, MeshResource> wanted)
    {
        _sent.Clear();
        foreach ((string name, MeshResource resource) in wanted)
        {
            _sent[name] = resource;
        }

        _asked.Clear();
        _retained.Clear();
        _owesAnswer = false;
    }

    private static Resource Wire(MeshResource resource) => new()
    {
        Name = resource.Name,
        Version = resource.Version,
        Resource_ = resource.Payload,
        Aliases = { resource.Aliases },
    };
}
