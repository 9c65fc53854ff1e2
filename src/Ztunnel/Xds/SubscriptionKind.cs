namespace Ztunnel.Xds;

/// <summary>How the resources of a type are asked for.</summary>
internal enum SubscriptionKind
{
    /// <summary>All of them.</summary>
    Wildcard,

    /// <summary>None at first; one by one when somebody misses it, and kept from then on.</summary>
    OnDemand,

    /// <summary>Those that somebody subscribed to.</summary>
    Named,
}
