using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Ztunnel.Identity;
using Ztunnel.Linux;
using Ztunnel.Proxy;

namespace Ztunnel.InPod;

/// <summary>
/// The pods of this node and their proxies. Driven by one caller, one call after the other; what the config dump and
/// the metrics read is guarded, since those come from elsewhere.
/// </summary>
internal sealed class PodRegistry(IPodProxyFactory factory, ForbiddenNamespaces forbidden, ILogger logger)
{
    private readonly Lock _reading = new();
    private readonly Dictionary<string, Pod> _pods = [];
    private readonly HashSet<string> _named = []; // by the snapshot in progress
    private readonly List<Task> _stops = [];
    private long _stopped;

    /// <summary>The agent has named every pod there is.</summary>
    public bool SnapshotReceived { get; private set; }

    public long Started { get; private set; }

    public long Stopped => Interlocked.Read(ref _stopped);

    public int ActiveCount => Count(static pod => pod.IsUp);

    public int PendingCount => Count(static pod => !pod.IsUp);

    /// <summary>Something is pending that another attempt may start.</summary>
    public bool HasRetryable => Count(static pod => pod is { IsUp: false, Network: not null }) > 0;

    public IReadOnlyList<Pod> List()
    {
        lock (_reading)
        {
            return [.. _pods.Values];
        }
    }

    /// <summary>A new connection: the agent tells everything anew. Running proxies stay.</summary>
    public void Reset()
    {
        _named.Clear();
        SnapshotReceived = false;
        foreach (Pod pod in List().Where(static pod => !pod.IsUp))
        {
            Remove(pod);
        }
    }

    /// <summary>Takes the descriptor over.</summary>
    /// <exception cref="PodStartException">The proxy does not run; the pod is pending.</exception>
    public async Task AddAsync(
        string uid, WorkloadInfo info, SafeFileHandle descriptor, CancellationToken cancellation)
    {
        logger.PodReceived(uid, info.Name, info.Namespace);
        if (!SnapshotReceived)
        {
            _named.Add(uid);
        }

        NetworkNamespace? network = Identify(descriptor, out PodStartException? refusal);
        Pod? known = Find(uid);
        if (network is not null && known is { IsUp: true } && known.Network!.Id == network.Id)
        {
            network.Dispose();
            return;
        }

        if (known is not null) // its sandbox was made anew, or it was pending: tried again at once
        {
            Remove(known);
        }

        Pod pod = new(uid, info, network, null);
        Set(pod);
        if (refusal is not null)
        {
            throw refusal;
        }

        await StartAsync(pod, cancellation);
    }

    /// <summary>Before the snapshot's end only: the pod exists, so its proxy, if there is one, stays.</summary>
    /// <exception cref="ZdsProtocolException">After it.</exception>
    public void Keep(string uid)
    {
        if (SnapshotReceived)
        {
            throw new ZdsProtocolException("keep after the snapshot was sent");
        }

        _named.Add(uid);
    }

    /// <summary>The pod is gone. During a snapshot its proxy goes with the others that were not named.</summary>
    public void Delete(string uid)
    {
        _named.Remove(uid);
        if (Find(uid) is { } pod && (SnapshotReceived || !pod.IsUp))
        {
            logger.PodDeleted(uid);
            Remove(pod);
        }
    }

    /// <exception cref="ZdsProtocolException">For the second time on one connection.</exception>
    public void EndSnapshot()
    {
        if (SnapshotReceived)
        {
            throw new ZdsProtocolException("second snapshot");
        }

        SnapshotReceived = true;
        foreach (Pod pod in List().Where(pod => !_named.Contains(pod.Uid)))
        {
            logger.PodNotInSnapshot(pod.Uid);
            Remove(pod);
        }

        _named.Clear();
    }

    public async Task RetryPendingAsync(CancellationToken cancellation)
    {
        foreach (Pod pod in List().Where(static pod => pod is { IsUp: false, Network: not null }))
        {
            logger.Retrying(pod.Uid);
            try
            {
                await StartAsync(pod, cancellation);
            }
            catch (PodStartException e)
            {
                logger.RetryFailed(pod.Uid, e.Message);
            }
        }
    }

    /// <summary>
    /// The process ends: all pods together, each within its own deadline. Earlier stops are awaited too.
    /// </summary>
    public async Task StopAllAsync()
    {
        foreach (Pod pod in List())
        {
            Remove(pod, graceful: true);
        }

        await Task.WhenAll(_stops);
    }

    private NetworkNamespace? Identify(SafeFileHandle descriptor, out PodStartException? refusal)
    {
        refusal = null;
        try
        {
            NetworkNamespace network = NetworkNamespace.FromDescriptor(descriptor);
            if (forbidden.Find(network.Id) is not { } owner)
            {
                return network;
            }

            network.Dispose();
            refusal = new PodStartException($"the descriptor is {owner}");
        }
        catch (Exception e) when (e is IOException or System.ComponentModel.Win32Exception)
        {
            refusal = new PodStartException(e.Message, e);
        }

        return null;
    }

    private async Task StartAsync(Pod pod, CancellationToken cancellation)
    {
        try
        {
            IPodProxy proxy = await factory.StartAsync(pod.Info, pod.Network!, cancellation);
            Started++;
            Set(pod with { Proxy = proxy });
        }
        catch (Exception e) // port in use, namespace gone, out of descriptors: all the same to the pod, and retried
        {
            throw new PodStartException(e.Message, e);
        }
    }

    private void Remove(Pod pod, bool graceful = false)
    {
        lock (_reading)
        {
            _pods.Remove(pod.Uid);
        }

        _stops.RemoveAll(static stop => stop.IsCompleted);
        if (pod.IsUp)
        {
            _stops.Add(StopAsync(pod, graceful));
        }
        else
        {
            pod.Network?.Dispose();
        }
    }

    // Nobody waits for it but the end of the process: an agent that deletes a pod wants its answer now.
    private async Task StopAsync(Pod pod, bool graceful)
    {
        try
        {
            await pod.Proxy!.StopAsync(graceful);
        }
        catch (Exception e)
        {
            logger.StopFailed(pod.Uid, e);
        }

        Interlocked.Increment(ref _stopped);
        pod.Network!.Dispose();
    }

    private Pod? Find(string uid) => _pods.GetValueOrDefault(uid); // the one writer reads without the lock

    private void Set(Pod pod)
    {
        lock (_reading)
        {
            _pods[pod.Uid] = pod;
        }
    }

    private int Count(Func<Pod, bool> predicate)
    {
        lock (_reading)
        {
            return _pods.Values.Count(predicate);
        }
    }
}
