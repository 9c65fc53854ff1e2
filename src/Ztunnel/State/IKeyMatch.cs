namespace Ztunnel.State;

/// <summary>
/// What a map is asked by where its key itself would have to be made first: equal to a key means the same hash too.
/// </summary>
internal interface IKeyMatch<TKey>
{
    /// <summary>As <see cref="object.GetHashCode"/> of the key.</summary>
    uint Hash { get; }

    bool Matches(TKey key);
}
