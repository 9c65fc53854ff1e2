namespace Ztunnel.Hosting;

/// <summary>A mesh that was read at once leaves tens of megabytes behind, more than it is itself.</summary>
internal static class LargeMesh
{
    private const int Workloads = 1000;

    /// <param name="workloads">How many were read.</param>
    public static void GiveBackMemory(int workloads)
    {
        if (workloads >= Workloads)
        {
            // The same pause would come anyway, but at a time of the collector's choosing, hours later.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
    }
}
