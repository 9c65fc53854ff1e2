using Ztunnel.State;
using Ztunnel.Telemetry;

namespace Ztunnel.Hosting;

/// <summary>
/// Tells the metrics when the last pod of a workload is gone, so that a node where pods come and go does not collect
/// series for ever.
/// </summary>
internal sealed class SeriesEviction(MeshState mesh, TrafficMetrics traffic)
{
    /// <summary>For <see cref="MeshState.Changed"/>.</summary>
    public void OnChanged(MeshChange change)
    {
        if (change.GoneWorkloads.Count == 0) // nearly every change
        {
            return;
        }

        HashSet<(string, string)> workloads = LastPods(change);
        if (workloads.Count > 0)
        {
            // Elsewhere: it walks all series, and here the state is locked.
            ThreadPool.UnsafeQueueUserWorkItem(Evict, workloads, preferLocal: false);
        }
    }

    /// <summary>The workloads, by namespace and name, whose last pods are gone.</summary>
    internal static HashSet<(string Namespace, string Name)> LastPods(MeshChange change) =>
    [
        .. change.GoneWorkloads
            .Where(pod => !change.Snapshot.Workloads.HasPodOf(pod.Namespace, pod.WorkloadName))
            .Select(static pod => (pod.Namespace, pod.WorkloadName)),
    ];

    private void Evict(HashSet<(string Namespace, string Name)> workloads)
    {
        foreach ((string @namespace, string name) in workloads)
        {
            if (!mesh.Current.Workloads.HasPodOf(@namespace, name)) // it may have come back meanwhile
            {
                traffic.EvictWorkload(@namespace, name);
            }
        }
    }
}
