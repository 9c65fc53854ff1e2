using Google.Protobuf;
using Ztunnel.State;
using Ztunnel.Xds;
using Ztunnel.Xds.Readers;
using Wire = Ztunnel.Protos.Authorizations;

namespace Ztunnel.Tests.Xds.Readers;

public sealed class AuthorizationReaderTests
{
    [Fact]
    public void Read_Everything_IsAllThere()
    {
        Authorization policy = AuthorizationReader.Read(WireMesh.Policy(WireMesh.FullMatch()));

        Assert.Equal("shop/deny", policy.Key);
        Assert.Equal(PolicyScope.WorkloadSelector, policy.Scope);
        Assert.Equal(PolicyAction.Deny, policy.Action);
        Assert.True(policy.IsDryRun);
        AuthorizationMatch match = policy.Rules[0].Clauses[0].Matches[0];
        Assert.Equal([StringMatch.Exact("shop")], match.Namespaces.Matches.ToArray());
        Assert.Equal([StringMatch.Prefix("pre")], match.NotNamespaces.Matches.ToArray());
        Assert.Equal([StringMatch.Suffix("/sa/cart")], match.Principals.Matches.ToArray());
        Assert.Equal([StringMatch.Presence], match.NotPrincipals.Matches.ToArray());
        Assert.Equal("10.0.0.0/8", Assert.Single(match.SourceIps).ToString());
        Assert.Equal("10.1.0.0/16", Assert.Single(match.NotSourceIps).ToString());
        Assert.Equal("fd00::/64", Assert.Single(match.DestinationIps).ToString());
        Assert.Equal("fd00::1/128", Assert.Single(match.NotDestinationIps).ToString());
        Assert.Equal([(ushort)80], match.DestinationPorts);
        Assert.Equal([(ushort)65_535], match.NotDestinationPorts);
        Assert.Equal([new ServiceAccountMatch("shop", "web")], match.ServiceAccounts);
        Assert.Equal([new ServiceAccountMatch("shop", "bad")], match.NotServiceAccounts);
    }

    [Fact]
    public void Read_Nothing_AllowsNobodyAnywhere()
    {
        Authorization policy = AuthorizationReader.Read(new Wire.Authorization());

        Assert.Equal(PolicyScope.Global, policy.Scope);
        Assert.Equal(PolicyAction.Allow, policy.Action);
        Assert.Empty(policy.Rules);
        Assert.False(policy.IsDryRun);
    }

    // What an empty part means is Policy's business: it must arrive as it was sent.
    [Fact]
    public void Read_EmptyParts_StayEmptyParts()
    {
        Authorization policy = AuthorizationReader.Read(new Wire.Authorization
        {
            Rules = { new Wire.Rule(), new Wire.Rule { Clauses = { new Wire.Clause(), ClauseOf(new Wire.Match()) } } },
        });

        Assert.Empty(policy.Rules[0].Clauses);
        Assert.Empty(policy.Rules[1].Clauses[0].Matches);
        Assert.True(Assert.Single(policy.Rules[1].Clauses[1].Matches).IsEmpty);
    }

    [Theory]
    [InlineData(Wire.Scope.Global, (int)PolicyScope.Global)]
    [InlineData(Wire.Scope.Namespace, (int)PolicyScope.Namespace)]
    [InlineData(Wire.Scope.WorkloadSelector, (int)PolicyScope.WorkloadSelector)]
    public void Read_Scope_IsThatScope(Wire.Scope scope, int expected) => Assert.Equal(
        (PolicyScope)expected, AuthorizationReader.Read(new Wire.Authorization { Scope = scope }).Scope);

    // Each of these, left out instead of refused, would make the match hold for more than was meant.
    public static TheoryData<string, Wire.Match> Unreadable => new()
    {
        { "string match is missing its type", new Wire.Match { Namespaces = { new Wire.StringMatch() } } },
        { "string match is missing its type", new Wire.Match { NotNamespaces = { new Wire.StringMatch() } } },
        { "string match is missing its type", new Wire.Match { Principals = { new Wire.StringMatch() } } },
        { "string match is missing its type", new Wire.Match { NotPrincipals = { new Wire.StringMatch() } } },
        { "failed to parse address, had 0 bytes", new Wire.Match { SourceIps = { new Wire.Address() } } },
        { "failed to parse address, had 0 bytes", new Wire.Match { NotSourceIps = { new Wire.Address() } } },
        { "failed to parse address, had 0 bytes", new Wire.Match { DestinationIps = { new Wire.Address() } } },
        { "failed to parse address, had 0 bytes", new Wire.Match { NotDestinationIps = { new Wire.Address() } } },
        { "invalid cidr: 1.2.3.4/33", new Wire.Match { SourceIps = { RangeOf("1.2.3.4", 33) } } },
        { "invalid port: 65536", new Wire.Match { DestinationPorts = { 65_536 } } },
        { "invalid port: 65616", new Wire.Match { NotDestinationPorts = { 65_616 } } }, // 80 when cut
    };

    [Theory, MemberData(nameof(Unreadable))]
    public void Read_UnreadableCondition_RefusesThePolicy(string reason, Wire.Match bad)
    {
        Rejects(reason, WireMesh.Policy(bad));
        Rejects(reason, WireMesh.Policy(WireMesh.FullMatch(), bad));
    }

    [Fact]
    public void Read_UnknownScope_IsRejected() =>
        Rejects("decode error: unknown enumeration value 3", new Wire.Authorization { Scope = (Wire.Scope)3 });

    [Fact]
    public void Read_UnknownAction_IsRejected() =>
        Rejects("decode error: unknown enumeration value 2", new Wire.Authorization { Action = (Wire.Action)2 });

    [Fact]
    public void Read_TextThatIsNotUtf8_IsRejected()
    {
        byte[] bytes = WireMesh.Policy(new Wire.Match { Principals = { new Wire.StringMatch { Exact = "abc" } } })
            .ToByteArray();
        bytes[bytes.AsSpan().IndexOf("abc"u8)] = 0xFF;

        Assert.Throws<InvalidDataException>(() => WireMessage.Parse(Wire.Authorization.Parser, bytes));
    }

    private static Wire.Clause ClauseOf(Wire.Match match) => new() { Matches = { match } };

    private static Wire.Address RangeOf(string address, uint length) =>
        new() { Address_ = WireMesh.Bytes(address), Length = length };

    private static void Rejects(string reason, Wire.Authorization message) => Assert.Equal(
        reason, Assert.Throws<RejectedResourceException>(() => AuthorizationReader.Read(message)).Message);
}
