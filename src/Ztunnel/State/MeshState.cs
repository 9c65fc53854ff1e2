using Ztunnel.Identity;

namespace Ztunnel.State;

/// <summary>
/// The mesh as this node knows it. Readers take <see cref="Current"/> and need no lock; writers (the control plane's
/// client, the static document) apply batches one after the other.
/// </summary>
/// <param name="localNode">Workloads of this node are "local"; null makes every workload local.</param>
internal sealed class MeshState(string? localNode)
{
    private readonly Lock _writing = new();
    private readonly List<Waiter> _waiters = [];
    private volatile MeshSnapshot _current = MeshSnapshot.Empty;

    /// <summary>
    /// Raised after a batch is visible, in the order of the batches, on the writer's thread and inside its lock:
    /// handlers post elsewhere and never apply.
    /// </summary>
    public event Action<MeshChange>? Changed;

    public MeshSnapshot Current => _current;

    /// <summary>Set before traffic where the mesh is learnt on demand; null: the state knows all there is.</summary>
    public MeshFetch? Fetch { get; set; }

    public bool IsLocal(Workload workload) =>
        localNode is null || string.Equals(workload.Node, localNode, StringComparison.Ordinal);

    public MeshChange Apply(MeshUpdate update)
    {
        lock (_writing)
        {
            return Publish(update);
        }
    }

    /// <summary>A batch that depends on what is known: no other comes between the question and the change.</summary>
    /// <returns>Null: nothing was to be changed.</returns>
    public MeshChange? Apply(Func<MeshSnapshot, MeshUpdate> decide)
    {
        lock (_writing)
        {
            MeshUpdate update = decide(_current);
            return update.IsEmpty ? null : Publish(update);
        }
    }

    /// <summary>Finds a workload of this node, waiting for the control plane to tell of it.</summary>
    /// <returns>Null when the time is up: the caller says so in the words of its log.</returns>
    public ValueTask<Workload?> WaitForWorkloadAsync(
        WorkloadInfo info, TimeSpan timeout, TimeProvider time, CancellationToken cancellation) =>
        _current.FindWorkload(info) is { } known ? new(known) : new(WaitAsync(info, timeout, time, cancellation));

    /// <summary>A destination: asked for and waited for if nobody has told us of it.</summary>
    /// <returns>False: it is not known, and whether it exists is not known either.</returns>
    public ValueTask<bool> FetchAsync(NetworkAddress address, CancellationToken cancellation) =>
        Fetch is { } fetch && Destination.Classify(_current, address, clientNamespace: null).IsUnknown
            ? fetch(address.ToString(), cancellation)
            : ValueTask.FromResult(true);

    /// <inheritdoc cref="FetchAsync(NetworkAddress, CancellationToken)"/>
    public ValueTask<bool> FetchAsync(NamespacedHostname name, CancellationToken cancellation) =>
        Fetch is { } fetch && _current.Services.Find(name.Hostname, name.Namespace) is null
            ? fetch(name.ToString(), cancellation)
            : ValueTask.FromResult(true);

    private MeshChange Publish(MeshUpdate update)
    {
        MeshSnapshot before = _current;
        var local = new List<Workload>();
        var health = new HealthChanges();
        MeshSnapshot after = Merged(before, update, local, health);
        health.Apply(HealthStatus.Healthy);
        _current = after;
        health.Apply(HealthStatus.Unhealthy);
        var change = new MeshChange(
            after,
            PoliciesChanged: update.Policies.Count > 0,
            ServicesChanged: update.Services.Count > 0,
            ChangedWorkloads: update.Workloads.Count,
            local,
            Gone(before, update, after));
        ServeWaiters(after);
        Changed?.Invoke(change);
        return change;
    }

    private async Task<Workload?> WaitAsync(
        WorkloadInfo info, TimeSpan timeout, TimeProvider time, CancellationToken cancellation)
    {
        Waiter waiter;
        lock (_writing) // looks again: a batch may have come between
        {
            if (_current.FindWorkload(info) is { } known)
            {
                return known;
            }

            waiter = new Waiter(info);
            _waiters.Add(waiter);
        }

        try
        {
            return await waiter.Found.Task.WaitAsync(timeout, time, cancellation);
        }
        catch (TimeoutException)
        {
            return null;
        }
        finally
        {
            lock (_writing)
            {
                _waiters.Remove(waiter);
            }
        }
    }

    private void ServeWaiters(MeshSnapshot snapshot)
    {
        foreach (Waiter waiter in _waiters)
        {
            if (snapshot.FindWorkload(waiter.Info) is { } workload)
            {
                waiter.Found.TrySetResult(workload);
            }
        }
    }

    private static List<Workload> Gone(MeshSnapshot before, MeshUpdate update, MeshSnapshot after)
    {
        var gone = new List<Workload>();
        var seen = new HashSet<string>(StringComparer.Ordinal); // it may be said more than once
        foreach ((string uid, Workload? successor) in update.Workloads)
        {
            if (successor is null // else it is there, or was taken away after
                && after.FindWorkload(uid) is null
                && before.FindWorkload(uid) is { } workload
                && seen.Add(uid))
            {
                gone.Add(workload);
            }
        }

        return gone;
    }

    private MeshSnapshot Merged(MeshSnapshot before, MeshUpdate update, List<Workload> local, HealthChanges health)
    {
        WorkloadIndex.Builder workloads = before.Workloads.ToBuilder();
        ServiceIndex.Builder services = before.Services.ToBuilder();
        foreach ((string uid, Workload? workload) in update.Workloads)
        {
            Workload? old = workloads.Find(uid);
            if (old is not null && workload is not null && old.IsLike(workload))
            {
                health.Set(old, workload.Status);
                continue;
            }

            if (old is not null)
            {
                Leave(old, services, local);
            }

            if (workload is not null)
            {
                workloads.Set(workload, IsLocal(workload), old);
                Enter(workload, services, local);
            }
            else if (old is not null)
            {
                workloads.Remove(old);
            }
        }

        foreach ((NamespacedHostname name, Service? service) in update.Services)
        {
            if (service is null)
            {
                services.Remove(name);
            }
            else
            {
                services.Set(service);
            }
        }

        return new MeshSnapshot(
            before.Version + 1,
            workloads.ToIndex(),
            services.ToIndex(),
            update.Policies.Count == 0 ? before.Policies : before.Policies.With(update.Policies));
    }

    private void Enter(Workload workload, ServiceIndex.Builder services, List<Workload> local)
    {
        Endpoint? endpoint = null;
        foreach (WorkloadService served in workload.Services)
        {
            endpoint = endpoint?.Ports == served.Ports ? endpoint : new Endpoint(workload, served.Ports);
            services.SetEndpoint(served.Name, endpoint);
        }

        if (IsLocal(workload))
        {
            local.Add(workload);
        }
    }

    private void Leave(Workload workload, ServiceIndex.Builder services, List<Workload> local)
    {
        foreach (WorkloadService served in workload.Services)
        {
            services.RemoveEndpoint(served.Name, workload.Uid);
        }

        if (IsLocal(workload))
        {
            local.Add(workload);
        }
    }

    private sealed record Waiter(WorkloadInfo Info)
    {
        // Continuations belong to the workers, not to the thread that applies a batch under the lock.
        public TaskCompletionSource<Workload> Found { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
