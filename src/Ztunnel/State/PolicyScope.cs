namespace Ztunnel.State;

internal enum PolicyScope
{
    /// <summary>Every workload of the mesh.</summary>
    Global,

    /// <summary>The workloads of the policy's namespace.</summary>
    Namespace,

    /// <summary>The workloads that list the policy.</summary>
    WorkloadSelector,
}
