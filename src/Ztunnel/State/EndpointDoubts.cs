namespace Ztunnel.State;

/// <summary>Endpoints that are chosen only when there is no other: never a reason to refuse a connection.</summary>
/// <param name="Tried">What this connection has tried already; null where it has not.</param>
/// <param name="Avoided">What failed others lately; null where that is switched off.</param>
/// <param name="Now">Of the clock of <paramref name="Avoided"/>, in milliseconds.</param>
internal readonly record struct EndpointDoubts(IReadOnlyList<EndpointKey>? Tried, AvoidedEndpoints? Avoided, long Now)
{
    public bool IsEmpty => Tried is null && Avoided is not { IsEmpty: false };

    /// <summary>Without what failed others: the second best choice.</summary>
    public EndpointDoubts OnlyTried => this with { Avoided = null };

    public bool Concern(EndpointKey endpoint) =>
        HasTried(endpoint) || (Avoided is { IsEmpty: false } avoided && avoided.Contains(endpoint, Now));

    public bool HasTried(EndpointKey endpoint)
    {
        for (int at = 0; at < Tried?.Count; at++) // a handful at most
        {
            if (Tried[at] == endpoint)
            {
                return true;
            }
        }

        return false;
    }
}
