using Ztunnel.Identity;
using Ztunnel.OpenSsl;
using Ztunnel.Tests.OpenSsl;
using Ztunnel.Tls;

namespace Ztunnel.Tests.Tls;

/// <summary>Who may talk to whom (tls.md §2, §3; identity.md §7).</summary>
public sealed class MeshSessionTests : IDisposable
{
    private const string CartUri = "spiffe://td/ns/shop/sa/cart";
    private const string OtherUri = "spiffe://td/ns/shop/sa/other";
    private const string ForeignUri = "spiffe://elsewhere/ns/shop/sa/cart";

    private static readonly SpiffeId s_other = new("td", "shop", "other");

    private readonly MeshLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void Handshake_SameMesh_BothKnowTheOther()
    {
        MeshPair pair = _lab.Connect(_lab.Workload(OtherUri), _lab.Workload(CartUri), s_other, MeshLab.Cart);

        Assert.Equal((TlsStatus.Ok, TlsStatus.Ok), (pair.ClientStatus, pair.ServerStatus));
        Assert.Equal(MeshLab.Cart, pair.Client.PeerIdentity);
        Assert.Equal(s_other, pair.Server.PeerIdentity);
        Assert.Null(pair.Client.Failure ?? pair.Server.Failure);
        Assert.True(pair.CarriesData());
    }

    [Fact]
    public void PeerIdentity_BeforeTheHandshake_IsNobody()
    {
        using MeshSession session = _lab.Workload(CartUri).Accept(MeshLab.NoRevocations);

        Assert.Null(session.PeerIdentity);
    }

    [Theory]
    [InlineData("spiffe://td/ns/shop/sa/cart/")]
    [InlineData("spiffe://td/ns/shop/sa")]
    [InlineData("spiffe://td/ns/shop/sa/cart/more")]
    [InlineData("spiffe://td/NS/shop/sa/cart")]
    [InlineData("spiffe://td/sa/cart/ns/shop")]
    [InlineData("SPIFFE://td/ns/shop/sa/cart")]
    [InlineData("spiffe:/td/ns/shop/sa/cart")]
    [InlineData("https://td/ns/shop/sa/cart")]
    [InlineData("td/ns/shop/sa/cart")]
    [InlineData("")]
    [InlineData(null)]
    public void Handshake_NoSpiffeId_IsRefusedByEitherEnd(string? uri)
    {
        TestLeaf leaf = uri is null ? new TestLeaf() { DnsName = "td" } : new TestLeaf(uri);
        AssertServerRefuses(
            _lab.Workload(leaf),
            "identity verification error: peer did not present the expected trustdomain (td), got ");
        AssertClientRefuses(
            _lab.Workload(leaf),
            [MeshLab.Cart],
            $"identity verification error: peer did not present the expected SAN ({CartUri}), got ");
    }

    [Theory]
    [InlineData(ForeignUri)]
    [InlineData("spiffe://TD/ns/shop/sa/cart")]
    [InlineData("spiffe://td.evil/ns/shop/sa/cart")]
    [InlineData("spiffe://td\0/ns/shop/sa/cart")]
    [InlineData("spiffe:///ns/shop/sa/cart")]
    public void Handshake_OtherTrustDomain_IsRefusedByTheServer(string uri) => AssertServerRefuses(
        _lab.Workload(uri),
        $"identity verification error: peer did not present the expected trustdomain (td), got {uri}");

    [Theory]
    [InlineData(OtherUri)]
    [InlineData(ForeignUri)]
    [InlineData("spiffe://td/ns/shop/sa/Cart")]
    [InlineData("spiffe://td/ns/shop/sa/cart\0")]
    [InlineData("spiffe://td/ns/shop/sa/%63art")]
    public void Handshake_UnexpectedIdentity_IsRefusedByTheClient(string uri) => AssertClientRefuses(
        _lab.Workload(uri),
        [MeshLab.Cart, new SpiffeId("a", "b", "c")],
        "identity verification error: peer did not present the expected SAN "
            + $"({CartUri},spiffe://a/ns/b/sa/c), got {uri}");

    [Fact]
    public void Handshake_NobodyExpected_IsRefusedByTheClient() => AssertClientRefuses(
        _lab.Workload(CartUri, OtherUri),
        [],
        $"identity verification error: peer did not present the expected SAN (), got {CartUri},{OtherUri}");

    [Fact]
    public void Handshake_SeveralNames_OneThatFitsIsEnough()
    {
        WorkloadTls many = _lab.Workload("https://td", ForeignUri, CartUri);

        MeshPair asServer = _lab.Connect(_lab.Workload(CartUri), many, MeshLab.Cart);
        MeshPair asClient = _lab.Connect(many, _lab.Workload(CartUri), MeshLab.Cart);

        Assert.Equal((TlsStatus.Ok, TlsStatus.Ok), (asServer.ClientStatus, asClient.ServerStatus));
        Assert.Equal("elsewhere", asServer.Client.PeerIdentity!.TrustDomain); // the first that parses, as RBAC sees it
        Assert.Equal("elsewhere", asClient.Server.PeerIdentity!.TrustDomain);
    }

    [Fact]
    public void Handshake_OwnCertificateNamesNoTrustDomain_ServerComparesNone()
    {
        WorkloadTls server = _lab.Workload("https://td", CartUri); // its first URI decides whom it is for

        MeshPair foreign = _lab.Connect(_lab.Workload(ForeignUri), server, MeshLab.Cart);
        MeshPair nameless = _lab.Connect(_lab.Workload("https://td"), server, MeshLab.Cart);

        Assert.True(foreign.CarriesData() && nameless.CarriesData());
        Assert.Equal("elsewhere", foreign.Server.PeerIdentity!.TrustDomain);
        Assert.Null(nameless.Server.PeerIdentity);
    }

    [Fact]
    public void Handshake_RightNameFromAForeignRoot_IsRefused()
    {
        using TestRoot foreign = new("foreign");

        MeshPair pair = _lab.Connect(
            _lab.Workload(CartUri), _lab.Workload(new TestLeaf(CartUri), foreign), MeshLab.Cart);

        Assert.Equal(
            "invalid peer certificate: unable to get local issuer certificate", pair.Client.Failure);
        Assert.Null(pair.Client.PeerIdentity);
        Assert.Equal("received alert unknown_ca", pair.Server.Failure);
    }

    private void AssertServerRefuses(WorkloadTls client, string failure)
    {
        MeshPair pair = _lab.Connect(client, _lab.Workload(CartUri), MeshLab.Cart);

        Assert.Equal((TlsStatus.Failed, TlsStatus.Failed), (pair.ClientStatus, pair.ServerStatus));
        Assert.Equal(failure, pair.Server.Failure);
        Assert.Equal("received alert certificate_unknown", pair.Client.Failure);
        Assert.Null(pair.Server.PeerIdentity);
    }

    private void AssertClientRefuses(WorkloadTls server, SpiffeId[] expected, string failure)
    {
        MeshPair pair = _lab.Connect(_lab.Workload(CartUri), server, expected);

        Assert.Equal((TlsStatus.Failed, TlsStatus.Failed), (pair.ClientStatus, pair.ServerStatus));
        Assert.Equal(failure, pair.Client.Failure);
        Assert.Equal("received alert certificate_unknown", pair.Server.Failure);
        Assert.Null(pair.Client.PeerIdentity);
    }
}
