namespace Ztunnel.State;

/// <summary>How a captured connection leaves the node.</summary>
internal enum RouteKind
{
    /// <summary>Plain TCP to the address it asked for; the mesh does not know it.</summary>
    Passthrough,

    /// <summary>Plain TCP to a known workload.</summary>
    Tcp,

    /// <summary>One mutual TLS tunnel.</summary>
    Hbone,

    /// <summary>A tunnel to a network gateway and within it a second one to the real peer.</summary>
    DoubleHbone,
}
