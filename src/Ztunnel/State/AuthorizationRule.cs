namespace Ztunnel.State;

/// <summary>Holds when all of its clauses hold; without clauses it always does.</summary>
internal sealed record AuthorizationRule(AuthorizationClause[] Clauses);
