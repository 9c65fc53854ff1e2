using Microsoft.Extensions.Logging;

namespace Ztunnel.Xds;

/// <summary>
/// Who waits for which name. All who want the same name share one request and its deadline. Thread-safe.
/// </summary>
internal sealed class OnDemandFetches(
    XdsRequests requests, XdsSubscription subscription, TimeSpan deadline, TimeProvider time, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Fetch> _fetches = new(StringComparer.Ordinal);

    /// <summary>Ends when the answer of the control plane is in the state, or when the time is up.</summary>
    /// <returns>Whether it has answered.</returns>
    public Task<bool> FetchAsync(string name, CancellationToken cancellation)
    {
        Fetch? fetch;
        bool isFirst;
        lock (_gate)
        {
            isFirst = !_fetches.TryGetValue(name, out fetch);
            if (isFirst)
            {
                fetch = new Fetch();
                _fetches.Add(name, fetch);
            }
        }

        if (isFirst)
        {
            _ = RunAsync(name, fetch!);
        }

        return fetch!.Ended.Task.WaitAsync(cancellation);
    }

    /// <summary>Lets go on who waits for a name of this push, which is visible by now.</summary>
    public void Release(Push push)
    {
        lock (_gate)
        {
            if (_fetches.Count == 0 || push.TypeUrl != subscription.TypeUrl)
            {
                return;
            }

            foreach (string name in push.Names())
            {
                if (_fetches.TryGetValue(name, out Fetch? fetch))
                {
                    fetch.Answered.TrySetResult();
                }
            }
        }
    }

    private async Task RunAsync(string name, Fetch fetch)
    {
        requests.Subscribe(subscription, name);
        bool isAnswered = true;
        try
        {
            await fetch.Answered.Task.WaitAsync(deadline, time);
        }
        catch (TimeoutException)
        {
            isAnswered = false;
            logger.FetchOverdue(name);
        }

        requests.Settle(subscription, name); // first: whoever comes after the next line starts a request of its own
        lock (_gate)
        {
            _fetches.Remove(name);
        }

        fetch.Ended.TrySetResult(isAnswered);
    }

    private sealed class Fetch
    {
        public TaskCompletionSource Answered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<bool> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
