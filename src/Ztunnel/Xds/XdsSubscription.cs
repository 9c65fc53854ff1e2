using Ztunnel.Protos.Discovery;

namespace Ztunnel.Xds;

/// <summary>
/// One type of resource across all streams: what is asked for, and the versions known of it. The versions let a server
/// leave out after a reconnect what has not changed, and name what is gone. Guarded by <see cref="XdsRequests"/>.
/// </summary>
internal sealed class XdsSubscription(string typeUrl, SubscriptionKind kind)
{
    private const string Everything = "*";

    // Servers take four megabytes and more.
    private const int LargeRequest = 1024 * 1024;

    private readonly Dictionary<string, string> _versions = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal); // of Wildcard: none
    private bool _isStarted; // on the present stream
    private HashSet<string>? _unconfirmed; // known from before, not told to this stream and not heard of on it

    public string TypeUrl => typeUrl;

    public int KnownCount => _versions.Count;

    public bool Wants(string name) => kind != SubscriptionKind.Named || _names.Contains(name);

    /// <summary>Begins a stream: says what is wanted and what is known.</summary>
    /// <param name="mayBeLarge">
    /// False: what is known is left out where it is too much for the server. It then sends everything, and what it does
    /// not send is gone (<see cref="TakeUnconfirmed"/>).
    /// </param>
    /// <returns>Null when nothing is wanted; an empty request would ask for everything.</returns>
    public DeltaDiscoveryRequest? Start(Node node, bool mayBeLarge)
    {
        _unconfirmed = null;
        _isStarted = kind != SubscriptionKind.Named || _names.Count > 0;
        if (!_isStarted)
        {
            return null;
        }

        DeltaDiscoveryRequest request = new() { Node = node, TypeUrl = typeUrl };
        foreach ((string name, string version) in _versions)
        {
            request.InitialResourceVersions.Add(name, version);
        }

        switch (kind)
        {
            case SubscriptionKind.Wildcard when !mayBeLarge && request.CalculateSize() > LargeRequest:
                request.InitialResourceVersions.Clear();
                _unconfirmed = new HashSet<string>(_versions.Keys, StringComparer.Ordinal);
                break;
            case SubscriptionKind.OnDemand: // known names are thereby subscribed to again, and so is what has not come
                request.ResourceNamesSubscribe.Add(Everything);
                request.ResourceNamesUnsubscribe.Add(Everything);
                foreach (string name in _names)
                {
                    request.InitialResourceVersions.TryAdd(name, "");
                }

                break;
            case SubscriptionKind.Named:
                request.ResourceNamesSubscribe.Add(_names);
                break;
        }

        return request;
    }

    /// <returns>Null when it is wanted already.</returns>
    public DeltaDiscoveryRequest? Subscribe(string name, Node node)
    {
        if (!_names.Add(name))
        {
            return null;
        }

        return _isStarted
            ? new DeltaDiscoveryRequest { TypeUrl = typeUrl, ResourceNamesSubscribe = { name } }
            : Start(node, mayBeLarge: true);
    }

    /// <returns>Null when it was not wanted.</returns>
    public DeltaDiscoveryRequest? Unsubscribe(string name)
    {
        _versions.Remove(name);
        return _names.Remove(name)
            ? new DeltaDiscoveryRequest { TypeUrl = typeUrl, ResourceNamesUnsubscribe = { name } }
            : null;
    }

    /// <summary>On demand: it has come, or it will not.</summary>
    public void Settle(string name) => _names.Remove(name);

    /// <summary>There may be some when the server has said all it has.</summary>
    public bool HasUnconfirmed => _unconfirmed is { Count: > 0 };

    /// <summary>What was known before this stream and is nothing that the server has.</summary>
    public IReadOnlyCollection<string> TakeUnconfirmed()
    {
        IReadOnlyCollection<string> gone = _unconfirmed ?? [];
        _unconfirmed = null;
        return gone;
    }

    /// <summary>What was refused keeps the version known before, so that the server sends it again.</summary>
    public void Retain(Push push)
    {
        if (push.HasNameless)
        {
            _unconfirmed = null; // it may be any of them
        }

        _unconfirmed?.ExceptWith(push.Names()); // the refused too: they are there
        foreach ((string name, string version) in push.Accepted)
        {
            if (Wants(name))
            {
                _versions[name] = version;
            }
        }

        foreach (string name in push.Removed)
        {
            _versions.Remove(name);
        }
    }
}
