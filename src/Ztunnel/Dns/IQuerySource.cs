using Ztunnel.Dns.Forwarding;

namespace Ztunnel.Dns;

/// <summary>Where the query that is being handled came from.</summary>
internal interface IQuerySource
{
    bool IsOverTcp { get; }

    /// <summary>
    /// Somebody who can be answered later: called only for queries that cannot be answered at once, so that the others
    /// cost no object. Exactly one reply follows.
    /// </summary>
    /// <param name="limit">Bytes the answer may have over UDP.</param>
    IReplyTo Detach(int limit);
}
