namespace Ztunnel.State;

/// <summary>What client and endpoint are compared by, in order of a service's preference.</summary>
internal enum RoutingScope
{
    Region,
    Zone,
    Subzone,
    Node,
    Cluster,
    Network,
}
