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

    /// <summary>What became healthy comes first: no service that keeps a healthy endpoint is without one meanwhile.</summary>
    public void Apply()
    {
        if (_changes is not null)
        {
            Apply(_changes, HealthStatus.Healthy);
            Apply(_changes, HealthStatus.Unhealthy);
        }
    }

    private static void Apply(Dictionary<Workload, HealthStatus> changes, HealthStatus status)
    {
        foreach ((Workload workload, HealthStatus changed) in changes)
        {
            if (changed == status)
            {
                workload.SetStatus(status);
            }
        }
    }
}
