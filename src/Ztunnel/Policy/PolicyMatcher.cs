using Ztunnel.Linux;
using Ztunnel.State;

namespace Ztunnel.Policy;

/// <summary>Whether one policy matches a connection: any rule of it, every clause of that, any match of that.</summary>
internal static class PolicyMatcher
{
    public static bool Matches(Authorization policy, in PolicyConnection connection)
    {
        foreach (AuthorizationRule rule in policy.Rules)
        {
            if (Matches(rule, in connection))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Matches(AuthorizationRule rule, in PolicyConnection connection)
    {
        foreach (AuthorizationClause clause in rule.Clauses)
        {
            if (clause.Matches.Length > 0 && !MatchesAny(clause, in connection))
            {
                return false;
            }
        }

        return true;
    }

    private static bool MatchesAny(AuthorizationClause clause, in PolicyConnection connection)
    {
        foreach (AuthorizationMatch match in clause.Matches)
        {
            // A match that asks nothing is what is left when a rule asked for what L4 cannot see: it must not hold.
            if (!match.IsEmpty && Matches(match, in connection))
            {
                return true;
            }
        }

        return false;
    }

    // The cheapest kinds first; each kind is: one of the wanted (if any are) and none of the unwanted.
    private static bool Matches(AuthorizationMatch match, in PolicyConnection connection) =>
        IsWanted(match.DestinationPorts, match.NotDestinationPorts, connection.Destination.Port)
        && IsWanted(match.SourceIps, match.NotSourceIps, connection.Source.Address)
        && IsWanted(match.DestinationIps, match.NotDestinationIps, connection.Destination.Address)
        && HasNamespace(match, in connection)
        && HasPrincipal(match, in connection)
        && HasServiceAccount(match, in connection);

    // Without an identity the namespace is the empty text: "no namespace" can be asked for.
    private static bool HasNamespace(AuthorizationMatch match, in PolicyConnection connection)
    {
        string @namespace = connection.Identity?.Namespace ?? "";
        return (match.Namespaces.IsEmpty || match.Namespaces.IsHit(@namespace))
            && !match.NotNamespaces.IsHit(@namespace);
    }

    // Without an identity no principal is hit, not even by presence: that is how plaintext is told apart.
    private static bool HasPrincipal(AuthorizationMatch match, in PolicyConnection connection) =>
        connection.Identity is { } identity
            ? (match.Principals.IsEmpty || match.Principals.IsHit(identity.Principal))
                && !match.NotPrincipals.IsHit(identity.Principal)
            : match.Principals.IsEmpty;

    private static bool HasServiceAccount(AuthorizationMatch match, in PolicyConnection connection)
    {
        if (connection.Identity is not { } identity)
        {
            return match.ServiceAccounts.Length == 0;
        }

        var account = new ServiceAccountMatch(identity.Namespace, identity.ServiceAccount);
        return (match.ServiceAccounts.Length == 0 || Array.IndexOf(match.ServiceAccounts, account) >= 0)
            && Array.IndexOf(match.NotServiceAccounts, account) < 0;
    }

    private static bool IsWanted(ushort[] wanted, ushort[] unwanted, ushort port) =>
        (wanted.Length == 0 || Array.IndexOf(wanted, port) >= 0) && Array.IndexOf(unwanted, port) < 0;

    private static bool IsWanted(Cidr[] wanted, Cidr[] unwanted, InetAddress address) =>
        (wanted.Length == 0 || Contains(wanted, address)) && !Contains(unwanted, address);

    private static bool Contains(Cidr[] ranges, InetAddress address)
    {
        foreach (Cidr range in ranges)
        {
            if (range.Contains(address))
            {
                return true;
            }
        }

        return false;
    }
}
