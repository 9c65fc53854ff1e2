using Ztunnel.Identity;

namespace Ztunnel.State;

/// <summary>What one batch changed: enough to decide which live connections must be looked at again.</summary>
/// <param name="Snapshot">The picture after the change.</param>
/// <param name="PoliciesChanged">A policy was set or removed: every inbound connection is concerned.</param>
/// <param name="ServicesChanged">A service was set or removed.</param>
/// <param name="ChangedWorkloads">How many workloads were set or removed.</param>
/// <param name="LocalWorkloads">
/// Those of this node among them, each in its old and its new version where there is one; not if only its health changed.
/// </param>
/// <param name="GoneWorkloads">Those of any node that were known and no longer are.</param>
internal sealed record MeshChange(
    MeshSnapshot Snapshot,
    bool PoliciesChanged,
    bool ServicesChanged,
    int ChangedWorkloads,
    IReadOnlyList<Workload> LocalWorkloads,
    IReadOnlyList<Workload> GoneWorkloads)
{
    /// <summary>The workload a proxy serves came, went or changed.</summary>
    public bool Concerns(WorkloadInfo info)
    {
        foreach (Workload workload in LocalWorkloads)
        {
            if (workload.Name == info.Name
                && workload.Namespace == info.Namespace
                && workload.ServiceAccount == info.ServiceAccount)
            {
                return true;
            }
        }

        return false;
    }
}
