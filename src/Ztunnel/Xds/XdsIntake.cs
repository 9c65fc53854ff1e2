using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Ztunnel.Protos.Discovery;

namespace Ztunnel.Xds;

/// <summary>
/// What comes in: each response goes to the target of its type, then its versions are kept, whoever waits for it is let
/// go on, and the answer is made. One response at a time.
/// </summary>
/// <param name="awaited">Types without whose first response this node does not know the mesh.</param>
internal sealed class XdsIntake(
    XdsRequests requests, OnDemandFetches fetches, XdsClientMetrics metrics, IEnumerable<string> awaited)
{
    private readonly Dictionary<string, (XdsSubscription Subscription, IPushTarget Target)> _types =
        new(StringComparer.Ordinal);

    private readonly Lock _turn = new(); // a stream's responses come one by one; a sweep comes between two
    private readonly HashSet<string> _awaited = new(awaited, StringComparer.Ordinal);
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>
    /// Every awaited type was answered once, well or badly: a resource that is malformed for good must not keep the
    /// node out of service.
    /// </summary>
    public Task Synced => _synced.Task;

    public void Add(XdsSubscription subscription, IPushTarget target)
    {
        _types.Add(subscription.TypeUrl, (subscription, target));
        requests.Add(subscription);
    }

    public XdsSubscription? Find(string typeUrl) =>
        _types.TryGetValue(typeUrl, out (XdsSubscription Subscription, IPushTarget) type) ? type.Subscription : null;

    /// <returns>The ACK, or the NACK.</returns>
    public DeltaDiscoveryRequest Answer(XdsResponse response, ILogger logger)
    {
        Push push = new(response);
        logger.Received(push.TypeUrl, push.Count, push.Removed.Count);
        string? error;
        try
        {
            lock (_turn)
            {
                error = Take(push, logger);
            }

            metrics.Received(push);
        }
        finally
        {
            push.Forget();
        }

        DeltaDiscoveryRequest answer = new() { TypeUrl = push.TypeUrl, ResponseNonce = push.Nonce };
        if (error is null)
        {
            logger.Acknowledged(push.TypeUrl, push.Nonce, "Ack");
            return answer;
        }

        logger.Refused(push.TypeUrl, push.Nonce, "Nack", error);
        answer.ErrorDetail = new Status { Message = error }; // no code: what counts is that it is there
        return answer;
    }

    /// <summary>
    /// Whether a type was asked for without saying what is known of it, and something known has not come again.
    /// </summary>
    public bool HasUnconfirmed(string typeUrl) => Find(typeUrl) is { } found && requests.HasUnconfirmed(found);

    /// <summary>Removes what has not come again, as if the server had said so.</summary>
    public void Sweep(string typeUrl, ILogger logger)
    {
        lock (_turn)
        {
            (XdsSubscription subscription, IPushTarget target) = _types[typeUrl];
            Push removal = new(XdsResponse.Removing(typeUrl, requests.TakeUnconfirmed(subscription)));
            logger.Swept(typeUrl, removal.Removed.Count);
            Apply(removal, subscription, target);
        }
    }

    private string? Take(Push push, ILogger logger)
    {
        if (!_types.TryGetValue(push.TypeUrl, out (XdsSubscription Subscription, IPushTarget Target) type))
        {
            logger.UnknownType(push.TypeUrl);
            push.Each(static resource => resource.Name); // for their size
            return $"unknown type: {push.TypeUrl}"; // an ACK would claim that it was understood
        }

        Apply(push, type.Subscription, type.Target);
        if (_awaited.Remove(push.TypeUrl) && _awaited.Count == 0)
        {
            _synced.TrySetResult();
        }

        return push.Error;
    }

    private void Apply(Push push, XdsSubscription subscription, IPushTarget target)
    {
        long start = Stopwatch.GetTimestamp();
        target.Apply(push);
        int known = requests.Retain(subscription, push);
        metrics.Applied(push, known, Stopwatch.GetElapsedTime(start));
        fetches.Release(push); // after what they wait for is visible
    }
}
