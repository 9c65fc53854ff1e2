namespace Ztunnel.Dns.Resolution;

/// <summary>What became of a question within the mesh.</summary>
internal enum Outcome
{
    /// <summary>Not a name of the mesh, or not a question of ours: the upstream's.</summary>
    Forward,

    /// <summary>A service that has no addresses of that family.</summary>
    NotSupported,

    /// <summary>A service that has none just now, or none for this client.</summary>
    NoRecords,

    Success,
}
