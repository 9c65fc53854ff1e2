using System.Threading.Channels;
using Ztunnel.Protos.Discovery;

namespace Ztunnel.Xds;

/// <summary>
/// What this node says to the control plane, over all its streams: each begins with everything that is wanted and
/// known, in the order in which the types were added. Thread-safe.
/// </summary>
internal sealed class XdsRequests(Node node)
{
    private readonly Lock _gate = new();
    private readonly List<XdsSubscription> _subscriptions = [];
    private ChannelWriter<DeltaDiscoveryRequest>? _outbox; // null between streams
    private bool _mayBeLarge = true;

    /// <summary>Before the first stream.</summary>
    public void Add(XdsSubscription subscription)
    {
        lock (_gate)
        {
            _subscriptions.Add(subscription);
        }
    }

    /// <summary>A stream begins; what it has to send comes out here until <see cref="Close"/>.</summary>
    public ChannelReader<DeltaDiscoveryRequest> Open()
    {
        // Unbounded: one answer for each response, one request for each name somebody waits for.
        Channel<DeltaDiscoveryRequest> outbox = Channel.CreateUnbounded<DeltaDiscoveryRequest>(
            new UnboundedChannelOptions { SingleReader = true });
        lock (_gate)
        {
            _outbox = outbox.Writer;
            foreach (XdsSubscription subscription in _subscriptions)
            {
                SendIfAny(subscription.Start(node, _mayBeLarge));
            }
        }

        return outbox.Reader;
    }

    public void Close()
    {
        lock (_gate)
        {
            _outbox?.Complete();
            _outbox = null;
        }
    }

    public void Send(DeltaDiscoveryRequest request)
    {
        lock (_gate)
        {
            SendIfAny(request);
        }
    }

    public void Subscribe(XdsSubscription subscription, string name)
    {
        lock (_gate)
        {
            DeltaDiscoveryRequest? request = subscription.Subscribe(name, node);
            SendIfAny(request);
        }
    }

    public void Unsubscribe(XdsSubscription subscription, string name)
    {
        lock (_gate)
        {
            SendIfAny(subscription.Unsubscribe(name));
        }
    }

    /// <inheritdoc cref="XdsSubscription.Settle"/>
    public void Settle(XdsSubscription subscription, string name)
    {
        lock (_gate)
        {
            subscription.Settle(name);
        }
    }

    public bool IsWanted(XdsSubscription subscription, string name)
    {
        lock (_gate)
        {
            return subscription.Wants(name);
        }
    }

    /// <summary>The server does not take requests that say all we know: from the next stream on they do not.</summary>
    public void BeBrief()
    {
        lock (_gate)
        {
            _mayBeLarge = false;
        }
    }

    public bool HasUnconfirmed(XdsSubscription subscription)
    {
        lock (_gate)
        {
            return subscription.HasUnconfirmed;
        }
    }

    /// <inheritdoc cref="XdsSubscription.TakeUnconfirmed"/>
    public IReadOnlyCollection<string> TakeUnconfirmed(XdsSubscription subscription)
    {
        lock (_gate)
        {
            return subscription.TakeUnconfirmed();
        }
    }

    /// <returns>How many resources of the type are known now.</returns>
    public int Retain(XdsSubscription subscription, Push push)
    {
        lock (_gate)
        {
            subscription.Retain(push);
            return subscription.KnownCount;
        }
    }

    private void SendIfAny(DeltaDiscoveryRequest? request)
    {
        if (request is not null)
        {
            _outbox?.TryWrite(request); // without a stream the next one says it
        }
    }
}
