namespace Ztunnel.State;

/// <summary>The workloads of one batch in which nothing but their health may have changed, until the batch is visible.</summary>
internal sealed class HealthChanges
{
    private Dictionary<Workload, HealthStatus>? _changes; // by version: a class, compared by reference

    /// <param name="known">The version that the state has, or will have after the batch.</param>
    public void Set(Workload known, HealthStatus status)
    {
        if (known.Status != status || _changes?.ContainsKey(known) == true) // it may be said more than once
        {
            (_changes ??= [])[known] = status;
        }
    }

    /// <summary>
    /// Sets those that became healthy before the batch is visible, and the others after: a service that has a healthy
    /// endpoint before and after it is never seen without one.
    /// </summary>
    public void Apply(HealthStatus status)
    {
        if (_changes is null)
        {
            return;
        }

        foreach ((Workload workload, HealthStatus changed) in _changes)
        {
            if (changed == status)
            {
                workload.SetStatus(status);
            }
        }
    }
}
