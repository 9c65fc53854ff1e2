using Ztunnel.OpenSsl;
using Ztunnel.State;

namespace Ztunnel.Proxy.Pods;

/// <summary>Anything a pod's end has to wait for or to cut off. All calls on its worker.</summary>
internal interface IPodConnection
{
    /// <summary>No more of what is new; what runs goes on.</summary>
    void Drain();

    /// <summary>At once.</summary>
    void Abort();

    /// <summary>Policies or the pod's own workload changed.</summary>
    void Recheck(MeshSnapshot mesh);

    /// <summary>Other revocation lists are in force; of interest where it has a tunnel of its own.</summary>
    void RecheckPeer(RevocationLists lists)
    {
    }

    /// <summary>What the config dump shows of it.</summary>
    void AddTo(List<ConnectionSummary> connections);
}
