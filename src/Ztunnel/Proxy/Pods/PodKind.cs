namespace Ztunnel.Proxy.Pods;

/// <summary>What a proxy serves and where its sockets are.</summary>
internal enum PodKind
{
    /// <summary>A pod of this node, by sockets in its namespace.</summary>
    InPod,

    /// <summary>The one workload of dedicated mode, by ordinary sockets.</summary>
    Dedicated,

    /// <summary>This process's own pod: HBONE inbound only, so that its metrics are reachable over mTLS.</summary>
    Self,
}
