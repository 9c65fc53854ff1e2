using Ztunnel.State;

namespace Ztunnel.Dns.Resolution;

/// <summary>The service a name means.</summary>
/// <param name="StrippedLength">
/// Characters of the name that were looked for when a search domain behind them was left out; 0: none was.
/// </param>
/// <param name="IsWildcard">Found as <c>*.</c> and a parent of the name.</param>
internal readonly record struct ServiceMatch(Service Service, int StrippedLength, bool IsWildcard)
{
    /// <summary>The answer is an alias to the stripped name, which then owns the addresses.</summary>
    public bool IsAlias => StrippedLength > 0 && !IsWildcard;
}
