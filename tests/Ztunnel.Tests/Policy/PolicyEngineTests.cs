using Microsoft.Extensions.Logging;
using Ztunnel.Identity;
using Ztunnel.Linux;
using Ztunnel.Policy;
using Ztunnel.State;
using Ztunnel.Tests.State;

namespace Ztunnel.Tests.Policy;

public sealed class PolicyEngineTests
{
    private static readonly PolicyConnection s_web =
        new(InetEndpoint.Parse("10.0.0.1:4000"), SpiffeId.Parse("spiffe://td/ns/shop/sa/web"), InetEndpoint.Parse("10.0.0.2:8080"));

    private static readonly PolicyConnection s_plaintext =
        new(InetEndpoint.Parse("[::ffff:10.0.0.1]:4000"), null, InetEndpoint.Parse("10.0.0.2:8080"));

    private readonly LogLines _log = new();

    [Fact]
    public void Evaluate_NoPolicies_AllowsWithoutAllocating()
    {
        var engine = new PolicyEngine(_log, LogLevel.Debug);
        Workload workload = Destination();
        MeshSnapshot mesh = MeshSnapshot.Empty;
        engine.Evaluate(mesh, workload, in s_web);
        Assert.Equal(["no allow policies, allow"], _log.Take());
        _log.Threshold = LogLevel.Warning;
        engine.Evaluate(mesh, workload, in s_web);
        long before = GC.GetAllocatedBytesForCurrentThread();

        PolicyVerdict verdict = engine.Evaluate(mesh, workload, in s_web);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(verdict.IsAllowed);
        Assert.Empty(_log.Take());
    }

    [Fact]
    public void Evaluate_Deny_WinsOverAllow()
    {
        Assert.Equal(
            "explicitly denied by: shop/deny",
            Reason(Policy("allow", PolicyAction.Allow, Everything), Policy("deny", PolicyAction.Deny, Everything)));
        Assert.Equal(["deny policy match"], _log.Take());
    }

    [Fact]
    public void Evaluate_AllowPolicies_OneMustMatch()
    {
        Assert.Null(Reason(Policy("allow", PolicyAction.Allow, Port(8080)), Policy("other", PolicyAction.Allow, Port(1))));
        Assert.Equal(["allow policy match"], _log.Take());

        Assert.Equal("allow policies exist, but none allowed", Reason(Policy("allow", PolicyAction.Allow, Port(1))));
        Assert.Equal(["no allow policies matched"], _log.Take());

        Assert.Null(Reason(Policy("deny", PolicyAction.Deny, Port(1))));
        Assert.Equal(["no allow policies, allow"], _log.Take());
    }

    [Fact]
    public void Evaluate_DryRun_IsOnlyLogged()
    {
        Assert.Null(Reason(Policy("deny", PolicyAction.Deny, Everything, dryRun: true)));
        Assert.Equal(["dry-run: deny policy match", "no allow policies, allow"], _log.Take());

        Assert.Null(Reason(Policy("allow", PolicyAction.Allow, Port(1), dryRun: true)));
        Assert.Equal(["dry-run: no allow policies match", "no allow policies, allow"], _log.Take());

        Assert.Null(Reason(
            Policy("allow", PolicyAction.Allow, Port(8080), dryRun: true), Policy("other", PolicyAction.Allow, Port(1), dryRun: true)));
        Assert.Equal(["dry-run: allow policy match", "no allow policies, allow"], _log.Take());

        Assert.NotNull(Reason(
            Policy("allow", PolicyAction.Allow, Port(1), dryRun: true), Policy("enforced", PolicyAction.Allow, Port(1))));
        Assert.Equal(["no allow policies matched"], _log.Take());
    }

    [Theory]
    [InlineData("Global", "root", true)]
    [InlineData("Namespace", "shop", true)]
    [InlineData("Namespace", "other", false)]
    [InlineData("WorkloadSelector", "shop", false)]
    public void Evaluate_Scope_DecidesWhichWorkloads(string scope, string @namespace, bool applies)
    {
        Authorization policy = new()
        {
            Name = "deny",
            Namespace = @namespace,
            Scope = Enum.Parse<PolicyScope>(scope),
            Action = PolicyAction.Deny,
            Rules = Everything,
        };

        Assert.Equal(applies ? $"explicitly denied by: {@namespace}/deny" : null, Reason(policy));
    }

    [Fact]
    public void Evaluate_ListedPolicies_ApplyAndUnknownOnesAreWarnedOf()
    {
        Authorization policy = new()
        {
            Name = "deny",
            Namespace = "elsewhere",
            Scope = PolicyScope.WorkloadSelector,
            Action = PolicyAction.Deny,
            Rules = Everything,
        };
        MeshSnapshot mesh = TestMesh.Snapshot(policy);

        PolicyVerdict verdict = new PolicyEngine(_log, LogLevel.Debug)
            .Evaluate(mesh, Destination("gone/one", "elsewhere/deny", "gone/two"), in s_web);

        Assert.Equal("explicitly denied by: elsewhere/deny", verdict.Reason);
        Assert.Equal(["skipping unknown policy gone/one", "skipping unknown policy gone/two", "deny policy match"], _log.Take());
    }

    [Fact]
    public void Evaluate_PolicyReplacedOrRemoved_NoLongerApplies()
    {
        var state = new MeshState(null);
        state.Apply(TestMesh.Update(Policy("deny", PolicyAction.Deny, Everything)));
        var engine = new PolicyEngine(_log, LogLevel.Debug);
        Assert.False(engine.Evaluate(state.Current, Destination(), in s_web).IsAllowed);

        state.Apply(TestMesh.Update(Policy("deny", PolicyAction.Deny, Port(1))));
        Assert.True(engine.Evaluate(state.Current, Destination(), in s_web).IsAllowed);

        state.Apply(TestMesh.Update(Policy("deny", PolicyAction.Deny, Everything)));
        state.Apply(new MeshUpdate().RemovePolicy("shop/deny").RemovePolicy("no/such"));
        Assert.True(engine.Evaluate(state.Current, Destination(), in s_web).IsAllowed);
        Assert.Equal(0, state.Current.Policies.Count);
    }

    [Fact]
    public void Evaluate_EmptyConstructs_MeanWhatTheTableSays()
    {
        Assert.Equal(PolicyEngine.NoneAllowed, Reason(Policy("no-rules", PolicyAction.Allow, [])));
        Assert.Null(Reason(Policy("rule-without-clauses", PolicyAction.Allow, [new([])])));
        Assert.Null(Reason(Policy("clause-without-matches", PolicyAction.Allow, [new([new([])])])));
        Assert.Equal(PolicyEngine.NoneAllowed, Reason(Policy("empty-match", PolicyAction.Allow, [new([new([new AuthorizationMatch()])])])));
        Assert.Null(Reason(Policy("empty-deny", PolicyAction.Deny, [new([new([new AuthorizationMatch()])])])));
    }

    [Fact]
    public void Evaluate_StrictMutualTls_DeniesPlaintextOnly()
    {
        AuthorizationRule[] noPrincipal = Rule(new AuthorizationMatch { NotPrincipals = new StringMatchList(StringMatch.Presence) });
        Authorization strict = Policy("strict", PolicyAction.Deny, noPrincipal);

        Assert.Equal("explicitly denied by: shop/strict", Reason(s_plaintext, strict));
        Assert.Null(Reason(s_web, strict));
    }

    [Theory]
    [InlineData("Presence", "", false)]
    [InlineData("Exact", "", true)]
    [InlineData("Exact", "shop", false)]
    [InlineData("Prefix", "", true)]
    [InlineData("Suffix", "", true)]
    [InlineData("Prefix", "s", false)]
    public void Evaluate_NamespaceWithoutIdentity_IsTheEmptyText(string kind, string value, bool matches)
    {
        var list = new StringMatchList(new StringMatch(Enum.Parse<StringMatchKind>(kind), value));

        Assert.Equal(matches, Reason(s_plaintext, Policy("p", PolicyAction.Deny, Rule(new AuthorizationMatch { Namespaces = list }))) is not null);
        Assert.Equal(!matches, Reason(s_plaintext, Policy("p", PolicyAction.Deny, Rule(new AuthorizationMatch { NotNamespaces = list }))) is not null);
    }

    [Fact]
    public void Evaluate_Ranges_NeverMatchTheOtherFamily()
    {
        Cidr all = Cidr.TryParse("0.0.0.0/0", out Cidr v4) ? v4 : default;
        Cidr allV6 = Cidr.TryParse("::/0", out Cidr v6) ? v6 : default;

        Assert.NotNull(Reason(s_plaintext, Policy("p", PolicyAction.Deny, Rule(new AuthorizationMatch { SourceIps = [all] }))));
        Assert.Null(Reason(s_plaintext, Policy("p", PolicyAction.Deny, Rule(new AuthorizationMatch { SourceIps = [allV6] }))));
        Assert.NotNull(Reason(s_plaintext, Policy("p", PolicyAction.Deny, Rule(new AuthorizationMatch { NotDestinationIps = [allV6] }))));
    }

    private static AuthorizationRule[] Everything => [new([])];

    private static AuthorizationRule[] Port(ushort port) => Rule(new AuthorizationMatch { DestinationPorts = [port] });

    private static AuthorizationRule[] Rule(AuthorizationMatch match) => [new([new([match])])];

    private static Authorization Policy(string name, PolicyAction action, AuthorizationRule[] rules, bool dryRun = false) => new()
    {
        Name = name,
        Namespace = "shop",
        Scope = PolicyScope.Namespace,
        Action = action,
        Rules = rules,
        IsDryRun = dryRun,
    };

    private static Workload Destination(params string[] policies) =>
        new() { Uid = "uid", Namespace = "shop", AuthorizationPolicies = policies };

    private string? Reason(params Authorization[] policies) => Reason(s_web, policies);

    private string? Reason(in PolicyConnection connection, params Authorization[] policies) =>
        new PolicyEngine(_log, LogLevel.Debug)
            .Evaluate(TestMesh.Snapshot([.. policies]), Destination(), in connection).Reason;
}
