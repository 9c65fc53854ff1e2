using Ztunnel.Linux;
using Ztunnel.OpenSsl;
using Ztunnel.Proxy.Pods;

namespace Ztunnel.Proxy.Tunnels;

/// <summary>The tunnels one pod has open from one worker, by peer. All on that worker.</summary>
internal sealed class TunnelPool(PodWorker pod)
{
    private static readonly TimeSpan s_longestSweep = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_shortestSweep = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<PoolKey, PoolEntry> _entries = [];
    private WorkerTimer? _sweep;

    public bool IsEmpty => _entries.Count == 0;

    /// <summary>The pod is gone: nothing new.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>The waiter hears of a tunnel or a failure: at once where one is open.</summary>
    public void Request(in PoolKey key, IPoolWaiter waiter)
    {
        if (IsClosed)
        {
            waiter.OnTunnelFailed("pool draining", Telemetry.ResponseFlag.None);
            return;
        }

        if (!_entries.TryGetValue(key, out PoolEntry? entry))
        {
            entry = new PoolEntry(this, pod, key);
            _entries.Add(key, entry);
        }

        entry.Request(waiter);
    }

    /// <summary>Idle tunnels close with GOAWAY; those with streams when the last one ends.</summary>
    public void Drain()
    {
        _sweep?.Cancel();
        foreach (PoolEntry entry in _entries.Values.ToArray())
        {
            entry.Drain();
        }
    }

    /// <summary>The pod is gone: everything at once.</summary>
    public void Abort()
    {
        IsClosed = true;
        _sweep?.Cancel();
        foreach (PoolEntry entry in _entries.Values.ToArray())
        {
            entry.Abort();
        }
    }

    public void RecheckPeers(RevocationLists lists)
    {
        foreach (PoolEntry entry in _entries.Values.ToArray())
        {
            entry.RecheckPeers(lists);
        }
    }

    internal void Remove(PoolEntry entry)
    {
        _entries.Remove(entry.Key);
        pod.OnMaybeEmpty();
    }

    internal void ScheduleSweep()
    {
        if (_sweep is { IsPending: true } || IsClosed)
        {
            return;
        }

        TimeSpan quarter = pod.Pod.Services.Config.Pool.UnusedReleaseTimeout / 4;
        TimeSpan delay = quarter > s_longestSweep ? s_longestSweep : quarter < s_shortestSweep ? s_shortestSweep : quarter;
        _sweep = pod.Proxy.Worker.Schedule(delay, static pool => ((TunnelPool)pool!).Sweep(), this);
    }

    private void Sweep()
    {
        long idleBefore = pod.Proxy.Worker.NowMilliseconds
            - (long)pod.Pod.Services.Config.Pool.UnusedReleaseTimeout.TotalMilliseconds;
        foreach (PoolEntry entry in _entries.Values.ToArray())
        {
            entry.ReleaseIdle(idleBefore);
        }

        if (_entries.Count > 0)
        {
            ScheduleSweep();
        }
    }
}
