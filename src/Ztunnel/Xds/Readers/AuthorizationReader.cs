using Google.Protobuf.Collections;
using Ztunnel.State;
using Wire = Ztunnel.Protos.Authorizations;

namespace Ztunnel.Xds.Readers;

/// <summary>
/// A policy off the wire. Nothing is left out for being unreadable: a match without one of its conditions would hold
/// for more connections than its author meant, so the whole policy is refused and the one known before stays.
/// </summary>
internal static class AuthorizationReader
{
    /// <exception cref="RejectedResourceException">With the field's trouble.</exception>
    public static Authorization Read(Wire.Authorization message) => new()
    {
        Name = message.Name,
        Namespace = message.Namespace,
        Scope = message.Scope switch
        {
            Wire.Scope.Global => PolicyScope.Global,
            Wire.Scope.Namespace => PolicyScope.Namespace,
            Wire.Scope.WorkloadSelector => PolicyScope.WorkloadSelector,
            _ => throw MeshValues.UnknownValue(message.Scope),
        },
        Action = message.Action switch
        {
            Wire.Action.Allow => PolicyAction.Allow,
            Wire.Action.Deny => PolicyAction.Deny,
            _ => throw MeshValues.UnknownValue(message.Action),
        },
        Rules = [.. message.Rules.Select(static rule => new AuthorizationRule([.. rule.Clauses.Select(Clause)]))],
        IsDryRun = message.DryRun,
    };

    private static AuthorizationClause Clause(Wire.Clause clause) => new([.. clause.Matches.Select(Match)]);

    private static AuthorizationMatch Match(Wire.Match match) => new()
    {
        Namespaces = Texts(match.Namespaces),
        NotNamespaces = Texts(match.NotNamespaces),
        Principals = Texts(match.Principals),
        NotPrincipals = Texts(match.NotPrincipals),
        ServiceAccounts = Accounts(match.ServiceAccounts),
        NotServiceAccounts = Accounts(match.NotServiceAccounts),
        SourceIps = Ranges(match.SourceIps),
        NotSourceIps = Ranges(match.NotSourceIps),
        DestinationIps = Ranges(match.DestinationIps),
        NotDestinationIps = Ranges(match.NotDestinationIps),
        DestinationPorts = Ports(match.DestinationPorts),
        NotDestinationPorts = Ports(match.NotDestinationPorts),
    };

    private static StringMatchList Texts(RepeatedField<Wire.StringMatch> fields) =>
        fields.Count == 0 ? StringMatchList.Empty : new StringMatchList([.. fields.Select(StringMatchOf)]);

    private static StringMatch StringMatchOf(Wire.StringMatch match) => match.MatchTypeCase switch
    {
        Wire.StringMatch.MatchTypeOneofCase.Exact => StringMatch.Exact(match.Exact),
        Wire.StringMatch.MatchTypeOneofCase.Prefix => StringMatch.Prefix(match.Prefix),
        Wire.StringMatch.MatchTypeOneofCase.Suffix => StringMatch.Suffix(match.Suffix),
        Wire.StringMatch.MatchTypeOneofCase.Presence => StringMatch.Presence,
        _ => throw new RejectedResourceException("string match is missing its type"),
    };

    private static ServiceAccountMatch[] Accounts(RepeatedField<Wire.ServiceAccountMatch> fields) =>
        [.. fields.Select(static field => new ServiceAccountMatch(field.Namespace, field.ServiceAccount))];

    private static Cidr[] Ranges(RepeatedField<Wire.Address> fields) =>
        [.. fields.Select(static field => MeshValues.Range(MeshValues.Address(field.Address_.Span), field.Length))];

    private static ushort[] Ports(RepeatedField<uint> fields) => [.. fields.Select(MeshValues.Port)];
}
