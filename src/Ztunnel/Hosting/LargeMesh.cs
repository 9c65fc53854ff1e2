using Ztunnel.State;

namespace Ztunnel.Hosting;

/// <summary>
/// A mesh that comes at once, from the control plane or a document, leaves tens of megabytes behind, more than it is
/// itself. Given back soon after, and once for pushes that follow each other.
/// </summary>
internal sealed class LargeMesh
{
    /// <summary>Workloads of one batch, from which on it is worth a pause.</summary>
    private const int Workloads = 1000;

    // The batch's own message must be gone, and what follows it may still be coming.
    private static readonly TimeSpan s_after = TimeSpan.FromSeconds(1);

    private readonly ITimer _timer;

    public LargeMesh(TimeProvider time) => _timer = time.CreateTimer(
        static _ => GiveBackMemory(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>For <see cref="MeshState.Changed"/>.</summary>
    public void OnChanged(MeshChange change)
    {
        if (change.ChangedWorkloads >= Workloads)
        {
            _timer.Change(s_after, Timeout.InfiniteTimeSpan);
        }
    }

    // The same pause would come anyway, but at a time of the collector's choosing, hours later.
    private static void GiveBackMemory() =>
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
