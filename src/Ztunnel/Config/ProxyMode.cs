namespace Ztunnel.Config;

internal enum ProxyMode
{
    /// <summary>One proxy for all pods of the node; pods come over the node agent's socket.</summary>
    Shared,

    /// <summary>One workload, ordinary sockets.</summary>
    Dedicated,
}
