using Ztunnel.State;

namespace Ztunnel.Certificates;

/// <summary>
/// Shared mode: workloads of this node get their certificates before their first connection, and lose them when the
/// last one of an identity leaves. Called inside the state's lock; it only takes notes in the store.
/// </summary>
/// <param name="localNode">Null: nothing is fetched ahead, since every workload of the mesh counts as local.</param>
internal sealed class CertificatePrefetch(string? localNode, ICertificateSource store)
{
    /// <summary>For <see cref="MeshState.Changed"/>.</summary>
    public void OnChanged(MeshChange change)
    {
        foreach (Workload workload in change.LocalWorkloads)
        {
            if (change.Snapshot.FindWorkload(workload.Uid) == workload)
            {
                if (IsWorthFetching(workload))
                {
                    store.Prefetch(workload.Identity);
                }
            }
            else if (!change.Snapshot.Workloads.HasOnThisNode(workload.Namespace, workload.ServiceAccount))
            {
                store.Forget(workload.Identity);
            }
        }
    }

    private bool IsWorthFetching(Workload workload) =>
        localNode is not null
        && string.Equals(workload.Node, localNode, StringComparison.Ordinal)
        && (workload.NativeTunnel || workload.Protocol == TunnelProtocol.Hbone);
}
