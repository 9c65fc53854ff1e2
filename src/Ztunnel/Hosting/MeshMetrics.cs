using Ztunnel.State;
using Ztunnel.Telemetry;

namespace Ztunnel.Hosting;

/// <summary>How large the known mesh is, and what became of changes to its static document.</summary>
internal sealed class MeshMetrics
{
    public MeshMetrics(MetricSet metrics, MeshState mesh, StaticMesh document)
    {
        metrics.Gauge("ztunnel_mesh_workloads", "Workloads known.", () => mesh.Current.Workloads.Count);
        metrics.Gauge("ztunnel_mesh_services", "Services known.", () => mesh.Current.Services.Count);
        metrics.Gauge("ztunnel_mesh_policies", "Authorization policies known.", () => mesh.Current.Policies.Count);
        metrics.Counter(
            "ztunnel_local_config_reloads_total",
            "Changes of the static document that came into force.",
            () => document.Reloads);
        metrics.Counter(
            "ztunnel_local_config_refusals_total",
            "Changes of the static document that could not be used.",
            () => document.Refusals);
    }
}
