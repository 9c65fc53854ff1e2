namespace Ztunnel.State;

/// <summary>Holds when any of its matches does; without matches it always does.</summary>
internal sealed record AuthorizationClause(AuthorizationMatch[] Matches);
