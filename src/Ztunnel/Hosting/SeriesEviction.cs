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
        if (change.GoneWorkloads.Count > 0)
        {
            // Elsewhere: it walks all workloads, and here the state is locked.
            ThreadPool.UnsafeQueueUserWorkItem(Evict, change.GoneWorkloads, preferLocal: false);
        }
    }

    /// <summary>The workloads, by namespace and name, that these were the last pods of.</summary>
    internal static HashSet<(string Namespace, string Name)> LastPods(MeshSnapshot mesh, IReadOnlyList<Workload> gone)
    {
        HashSet<(string, string)> workloads = [.. gone.Select(static pod => (pod.Namespace, pod.WorkloadName))];
        foreach (Workload left in mesh.Workloads.All())
        {
            workloads.Remove((left.Namespace, left.WorkloadName));
        }

        return workloads;
    }

    private void Evict(IReadOnlyList<Workload> gone)
    {
        foreach ((string @namespace, string name) in LastPods(mesh.Current, gone))
        {
            traffic.EvictWorkload(@namespace, name);
        }
    }
}
