using Ztunnel.Dns.Resolution;
using Ztunnel.State;
using static Ztunnel.Tests.Dns.Resolution.ResolverLab;

namespace Ztunnel.Tests.Dns.Resolution;

/// <summary>Which service a name means.</summary>
public sealed class NameSearchTests
{
    private const string Ip = "/10.0.0.1";
    private const string Other = "/10.0.0.2";

    [Theory]
    [InlineData("productpage")] // x.N.svc.D
    [InlineData("productpage.ns1")] // x.svc.D
    [InlineData("productpage.ns1.svc")] // x.D
    [InlineData("productpage.ns1.svc.cluster.local")]
    [InlineData("PRODUCTPAGE.Ns1")]
    public void Find_KubernetesService_ByEveryFormOfItsName(string name)
    {
        ResolverLab lab = new(Service("ns1/productpage.ns1.svc.cluster.local", Ip));

        Assert.Equal([$"{name.ToLowerInvariant()}. 30 A 10.0.0.1"], lab.Ask(name));
    }

    [Theory]
    [InlineData("x.svc", "ns1/x.svc.ns1.svc.cluster.local")] // two labels: the second expansion
    [InlineData("a.b.c", "ns1/a.b.c.svc.cluster.local")] // three labels, always
    [InlineData("a.b.svc", "ns1/a.b.svc.cluster.local")] // three labels, the last is svc
    [InlineData("a.b.c.svc", "ns1/a.b.c.svc.cluster.local")] // four labels, the last is svc
    [InlineData("a.b.c.d.e", "ns1/a.b.c.d.e")]
    public void Find_ByNumberOfLabels_TriesTheExpansions(string name, string service) =>
        Assert.NotNull(new ResolverLab(Service(service, Ip)).Ask(name));

    [Theory]
    [InlineData("example", "ns2/example.ns2.svc.cluster.local")]
    [InlineData("a.b.c.d", "ns1/a.b.c.d.svc.cluster.local")] // four labels without svc
    [InlineData("a.b.c.d.svc", "ns1/a.b.c.d.svc.cluster.local")] // five
    [InlineData("productpag", "ns1/productpage.ns1.svc.cluster.local")]
    [InlineData(".", "ns1/productpage.ns1.svc.cluster.local")]
    [InlineData("svc.cluster.local", "ns1/x.ns1.svc.cluster.local")]
    [InlineData("ns1.svc.cluster.local", "ns1/x.ns1.svc.cluster.local")] // nothing left when the domain is taken away
    public void Find_WhatIsNotThere_IsForwarded(string name, string service) =>
        Assert.Null(new ResolverLab(Service(service, Ip)).Ask(name));

    [Fact]
    public void Find_TwoLabels_PrefersTheNamespaceOverTheOwnOne()
    {
        ResolverLab lab = new(
            Service("ns1/x.y.ns1.svc.cluster.local", Other), Service("y/x.y.svc.cluster.local", Ip));

        Assert.Equal(["x.y. 30 A 10.0.0.1"], lab.Ask("x.y"));
    }

    [Theory]
    [InlineData("www.google.com.ns1.svc.cluster.local")]
    [InlineData("www.google.com.svc.cluster.local")]
    [InlineData("www.google.com.cluster.local")]
    public void Find_ExternalNameBehindASearchDomain_IsAnAlias(string name)
    {
        ResolverLab lab = new(Service("ns1/www.google.com", Ip));

        Assert.Equal([$"{name}. 30 CNAME www.google.com.", "www.google.com. 30 A 10.0.0.1"], lab.Ask(name));
    }

    [Fact]
    public void Find_ShortNameBehindASearchDomain_IsAnAliasToTheShortName()
    {
        ResolverLab lab = new(Service("ns1/productpage.ns1.svc.cluster.local", Ip));

        Assert.Equal(
            ["productpage.ns1.ns1.svc.cluster.local. 30 CNAME productpage.ns1.", "productpage.ns1. 30 A 10.0.0.1"],
            lab.Ask("productpage.ns1.ns1.svc.cluster.local"));
    }

    [Fact]
    public void Find_OtherNamespacesSearchDomain_IsNotStripped()
    {
        ResolverLab lab = new(Service("ns1/www.google.com", Ip));

        Assert.Null(lab.Ask("www.google.com.ns2.svc.cluster.local"));
    }

    [Fact]
    public void Find_Wildcards_TheLongestCountsAndAnExactNameMore()
    {
        ResolverLab lab = new(
            Service("ns1/*.wildcard", Ip),
            Service("ns1/*.b.wildcard", Other),
            Service("ns1/exact.b.wildcard", "/10.0.0.3"));

        Assert.Equal(["a.b.wildcard. 30 A 10.0.0.2"], lab.Ask("a.b.wildcard"));
        Assert.Equal(["x.wildcard. 30 A 10.0.0.1"], lab.Ask("x.wildcard"));
        Assert.Equal(["q.a.b.wildcard. 30 A 10.0.0.2"], lab.Ask("q.a.b.wildcard"));
        Assert.Equal(["exact.b.wildcard. 30 A 10.0.0.3"], lab.Ask("exact.b.wildcard"));
        Assert.Null(lab.Ask("wildcard"));
    }

    [Fact]
    public void Find_WildcardBehindASearchDomain_HasNoAlias()
    {
        ResolverLab lab = new(Service("ns1/*.wild.example.org", Ip));

        Assert.Equal(
            ["a.wild.example.org.ns1.svc.cluster.local. 30 A 10.0.0.1"],
            lab.Ask("a.wild.example.org.ns1.svc.cluster.local"));
    }

    [Fact]
    public void Find_WildcardOfAnEarlierAlias_WinsOverAnExactLaterOne()
    {
        ResolverLab lab = new(
            Service("ns1/*.ns1.svc.cluster.local", Ip), Service("ns1/www.example.org", Other));

        Assert.Equal(
            ["www.example.org.ns1.svc.cluster.local. 30 A 10.0.0.1"], lab.Ask("www.example.org.ns1.svc.cluster.local"));
    }

    [Fact]
    public void Find_SeveralNamespaces_OwnThenCanonicalThenPreferredThenFirst()
    {
        Service first = Service("a/same.example", "/10.0.0.1");
        Service preferred = Service("b/same.example", "/10.0.0.2");
        Service canonical = new()
        {
            Name = "same",
            Namespace = "c",
            Hostname = "same.example",
            Vips = [State.TestMesh.Address("/10.0.0.3")],
            Canonical = true,
        };
        Service own = Service("ns1/same.example", "/10.0.0.4");
        SearchScope scope = new("ns1", "cluster.local", "b");

        Assert.Equal("10.0.0.1", Answer(new ResolverLab(first, preferred)));
        Assert.Equal("10.0.0.2", Answer(new ResolverLab(first, preferred) { Scope = scope }));
        Assert.Equal("10.0.0.3", Answer(new ResolverLab(first, preferred, canonical) { Scope = scope }));
        Assert.Equal("10.0.0.4", Answer(new ResolverLab(first, preferred, own, canonical) { Scope = scope }));

        static string Answer(ResolverLab lab) => lab.Ask("same.example")!.Single().Split(' ')[^1];
    }

    [Fact]
    public void Find_ServiceWithoutVip_CountsOnlyWithinTheClusterDomain()
    {
        ResolverLab lab = new(
            Service("ns1/headless.ns1.svc.cluster.local"), Service("ns1/none.example.org"), Service("ns1/*.none.org"));

        Assert.Empty(lab.Ask("headless")!);
        Assert.Null(lab.Ask("none.example.org"));
        Assert.Null(lab.Ask("a.none.org"));
    }

    [Fact]
    public void Find_InvisibleService_IsAsIfItWereNotThere()
    {
        Service hidden = new()
        {
            Name = "h",
            Namespace = "ns2",
            Hostname = "a.example.org",
            Vips = [State.TestMesh.Address(Ip)],
            Visibility = ServiceVisibility.Namespace,
        };

        Assert.Null(new ResolverLab(hidden).Ask("a.example.org"));
        Assert.NotNull(new ResolverLab(hidden) { Scope = new("ns2", "cluster.local", null) }.Ask("a.example.org"));
        Assert.Equal(
            ["a.example.org. 30 A 10.0.0.2"],
            new ResolverLab(hidden, Service("ns1/*.example.org", Other)).Ask("a.example.org"));
    }

    [Fact]
    public void Find_DedicatedMode_StripsTheDomainsOfTheFile()
    {
        SearchScope scope = new("ns1", "cluster.local", null, ["Corp.example.", "deep.corp.example"]);
        ResolverLab lab = new(Service("ns1/www.google.com", Ip)) { Scope = scope };

        Assert.NotNull(lab.Ask("www.google.com.corp.example"));
        Assert.NotNull(lab.Ask("www.google.com.deep.corp.example"));
        Assert.Null(lab.Ask("www.google.com.ns1.svc.cluster.local"));
    }

    [Fact]
    public void Find_LongestNames_NeverLeaveTheBuffer()
    {
        ResolverLab lab = new(Service("ns1/www.google.com", Ip));
        string label = new('x', 63);

        Assert.Null(lab.Ask(string.Join('.', label, label, label, new string('y', 61))));
        Assert.Null(lab.Ask(new string('x', 63)));
    }
}
