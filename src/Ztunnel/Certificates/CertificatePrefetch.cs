using Ztunnel.Identity;
using Ztunnel.State;

namespace Ztunnel.Certificates;

/// <summary>
/// Shared mode: workloads of this node get their certificates before their first connection, and lose them when the
/// last one of an identity leaves. Called inside the state's lock; it only takes notes in the store.
/// </summary>
/// <param name="localNode">Null: nothing is fetched ahead, since every workload of the mesh counts as local.</param>
internal sealed class CertificatePrefetch(string? localNode, ICertificateSource store)
{
    private readonly Lock _gate = new();
    private HashSet<SpiffeId>? _held = []; // null: begun

    /// <summary>
    /// What was known until now is fetched, and from now on everything at once. Not before the node serves its pods:
    /// keys and calls to the CA would take the cores from what pods wait for, and a pod that connects asks for itself.
    /// </summary>
    public void Begin()
    {
        lock (_gate)
        {
            foreach (SpiffeId identity in _held ?? [])
            {
                store.Prefetch(identity);
            }

            _held = null;
        }
    }

    /// <summary>For <see cref="MeshState.Changed"/>.</summary>
    public void OnChanged(MeshChange change)
    {
        if (change.LocalWorkloads.Count == 0)
        {
            return;
        }

        lock (_gate)
        {
            foreach (Workload workload in change.LocalWorkloads)
            {
                if (change.Snapshot.FindWorkload(workload.Uid) == workload)
                {
                    if (IsWorthFetching(workload))
                    {
                        Prefetch(workload.Identity);
                    }
                }
                else if (!change.Snapshot.Workloads.HasOnThisNode(workload.Namespace, workload.ServiceAccount))
                {
                    _held?.Remove(workload.Identity);
                    store.Forget(workload.Identity);
                }
            }
        }
    }

    private void Prefetch(SpiffeId identity)
    {
        if (_held is null)
        {
            store.Prefetch(identity);
        }
        else
        {
            _held.Add(identity);
        }
    }

    private bool IsWorthFetching(Workload workload) =>
        localNode is not null
        && string.Equals(workload.Node, localNode, StringComparison.Ordinal)
        && (workload.NativeTunnel || workload.Protocol == TunnelProtocol.Hbone);
}
