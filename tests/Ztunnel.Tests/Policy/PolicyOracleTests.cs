using Microsoft.Extensions.Logging.Abstractions;
using Ztunnel.Identity;
using Ztunnel.Linux;
using Ztunnel.Policy;
using Ztunnel.State;
using Ztunnel.Tests.State;

namespace Ztunnel.Tests.Policy;

/// <summary>Random policies and connections against the tables written down once more, as plainly as they read.</summary>
public sealed class PolicyOracleTests
{
    private static readonly string[] s_names = ["", "a", "ab", "b"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Evaluate_RandomPolicies_AgreesWithTheTables(int seed)
    {
        var random = new Random(seed);
        var engine = new PolicyEngine(NullLogger.Instance, Microsoft.Extensions.Logging.LogLevel.Debug);
        int refused = 0;
        for (int i = 0; i < 4000; i++)
        {
            Authorization[] policies = Some(random, 4, () => RandomPolicy(random), unique: policy => policy.Key);
            Workload workload = new()
            {
                Uid = "uid",
                Namespace = Pick(random, s_names),
                AuthorizationPolicies = Some(random, 3, () => $"{Pick(random, s_names)}/{Pick(random, s_names)}"),
            };
            PolicyConnection connection = RandomConnection(random);

            PolicyVerdict verdict = engine.Evaluate(TestMesh.Snapshot([.. policies]), workload, in connection);

            bool expected = IsAllowed(policies, workload, connection);
            Assert.Equal(expected, verdict.IsAllowed);
            refused += expected ? 0 : 1;
        }

        Assert.InRange(refused, 400, 3600);
    }

    private static bool IsAllowed(Authorization[] policies, Workload workload, PolicyConnection connection)
    {
        Authorization[] enforced = [.. policies.Where(policy => !policy.IsDryRun && policy.Scope switch
        {
            PolicyScope.Global => true,
            PolicyScope.Namespace => policy.Namespace == workload.Namespace,
            _ => false,
        } || (!policy.IsDryRun && workload.AuthorizationPolicies.Contains(policy.Key)))];
        return !enforced.Any(policy => policy.Action == PolicyAction.Deny && Matches(policy, connection))
            && (enforced.All(policy => policy.Action == PolicyAction.Deny)
                || enforced.Any(policy => policy.Action == PolicyAction.Allow && Matches(policy, connection)));
    }

    private static bool Matches(Authorization policy, PolicyConnection connection) => policy.Rules.Any(
        rule => rule.Clauses.All(
            clause => clause.Matches.Length == 0 || clause.Matches.Any(match => !match.IsEmpty && Matches(match, connection))));

    private static bool Matches(AuthorizationMatch match, PolicyConnection connection)
    {
        SpiffeId? id = connection.Identity;
        bool Principal(StringMatch wanted) => id is not null && Hits(wanted, id.ToString()["spiffe://".Length..]);
        bool Namespace(StringMatch wanted) => Hits(wanted, id?.Namespace ?? "");
        bool Account(ServiceAccountMatch wanted) =>
            id is not null && wanted.Namespace == id.Namespace && wanted.ServiceAccount == id.ServiceAccount;
        return Kind(match.Principals.Matches.ToArray(), match.NotPrincipals.Matches.ToArray(), Principal)
            && Kind(match.Namespaces.Matches.ToArray(), match.NotNamespaces.Matches.ToArray(), Namespace)
            && Kind(match.ServiceAccounts, match.NotServiceAccounts, Account)
            && Kind(match.SourceIps, match.NotSourceIps, range => Inside(range, connection.Source.Address))
            && Kind(match.DestinationIps, match.NotDestinationIps, range => Inside(range, connection.Destination.Address))
            && Kind(match.DestinationPorts, match.NotDestinationPorts, port => port == connection.Destination.Port);
    }

    private static bool Kind<T>(T[] positive, T[] negative, Func<T, bool> hits) =>
        (positive.Length == 0 || positive.Any(hits)) && !negative.Any(hits);

    private static bool Hits(StringMatch wanted, string text) => wanted.Kind switch
    {
        StringMatchKind.Exact => text == wanted.Value,
        StringMatchKind.Prefix => text.StartsWith(wanted.Value, StringComparison.Ordinal),
        StringMatchKind.Suffix => text.EndsWith(wanted.Value, StringComparison.Ordinal),
        _ => text.Length > 0,
    };

    private static bool Inside(Cidr range, InetAddress address) => range.Address.IsV4 == address.IsV4
        && Cidr.Truncate(address, range.PrefixLength) == Cidr.Truncate(range.Address, range.PrefixLength);

    private static Authorization RandomPolicy(Random random) => new()
    {
        Name = Pick(random, s_names),
        Namespace = Pick(random, s_names),
        Scope = (PolicyScope)random.Next(3),
        Action = (PolicyAction)random.Next(2),
        IsDryRun = random.Next(5) == 0,
        Rules = Some(random, 3, () => new AuthorizationRule(Some(
            random, 3, () => new AuthorizationClause(Some(random, 3, () => RandomMatch(random)))))),
    };

    private static AuthorizationMatch RandomMatch(Random random) => new()
    {
        Namespaces = Texts(random),
        NotNamespaces = Texts(random),
        Principals = Texts(random),
        NotPrincipals = Texts(random),
        ServiceAccounts = Rarely(random, () => new ServiceAccountMatch(Pick(random, s_names), Pick(random, s_names))),
        NotServiceAccounts = Rarely(random, () => new ServiceAccountMatch(Pick(random, s_names), Pick(random, s_names))),
        SourceIps = Rarely(random, () => Range(random)),
        NotSourceIps = Rarely(random, () => Range(random)),
        DestinationIps = Rarely(random, () => Range(random)),
        NotDestinationIps = Rarely(random, () => Range(random)),
        DestinationPorts = Rarely(random, () => (ushort)random.Next(3)),
        NotDestinationPorts = Rarely(random, () => (ushort)random.Next(3)),
    };

    private static StringMatchList Texts(Random random) => new(Rarely(random, () => (StringMatchKind)random.Next(4) switch
    {
        StringMatchKind.Presence => StringMatch.Presence,
        StringMatchKind.Exact => StringMatch.Exact(random.Next(2) == 0 ? Pick(random, s_names) : $"a/ns/{Pick(random, s_names)}/sa/a"),
        { } kind => new StringMatch(kind, Pick(random, s_names)),
    }));

    private static Cidr Range(Random random)
    {
        InetAddress address = RandomAddress(random);
        return new Cidr(address, address.BitLength - random.Next(3));
    }

    private static InetAddress RandomAddress(Random random) => random.Next(3) switch
    {
        0 => InetAddress.V6((UInt128)random.Next(4)),
        1 => InetAddress.V6(((UInt128)0xFFFF << 32) + (uint)random.Next(4)).Canonical(),
        _ => InetAddress.V4((uint)random.Next(4)),
    };

    private static PolicyConnection RandomConnection(Random random) => new(
        new InetEndpoint(RandomAddress(random), 1),
        random.Next(3) == 0 ? null : new SpiffeId("a", Pick(random, s_names), Pick(random, s_names)),
        new InetEndpoint(RandomAddress(random), (ushort)random.Next(3)));

    private static T Pick<T>(Random random, T[] values) => values[random.Next(values.Length)];

    private static T[] Rarely<T>(Random random, Func<T> make) => random.Next(4) == 0 ? Some(random, 3, make) : [];

    private static T[] Some<T>(Random random, int limit, Func<T> make, Func<T, string>? unique = null)
    {
        T[] values = [.. Enumerable.Range(0, random.Next(limit)).Select(_ => make())];
        return unique is null ? values : [.. values.DistinctBy(unique)];
    }
}
