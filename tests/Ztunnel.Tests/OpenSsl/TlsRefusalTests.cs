using System.Text;
using Ztunnel.OpenSsl;

namespace Ztunnel.Tests.OpenSsl;

/// <summary>Whom we refuse, what our log says, and which alert the other end gets (tls.md §4).</summary>
public sealed class TlsRefusalTests : IDisposable
{
    private readonly TlsLab _lab = new();

    public void Dispose() => _lab.Dispose();

    public static TheoryData<TlsRole> Roles => [TlsRole.Client, TlsRole.Server];

    [Theory, MemberData(nameof(Roles))]
    public void Handshake_ForeignRoot_IsUnknownCa(TlsRole refused) => AssertRefused(
        refused,
        chain: [_lab.Authority("foreign").Issue(_lab.Key, new TestLeaf(TlsLab.Uri))],
        "invalid peer certificate: unable to get local issuer certificate",
        "unknown_ca");

    [Theory, MemberData(nameof(Roles))]
    public void Handshake_SelfSigned_IsUnknownCa(TlsRole refused)
    {
        TestRoot foreign = _lab.Authority("foreign");
        AssertRefused(
            refused,
            chain: [foreign.Issue(_lab.Key, new TestLeaf(TlsLab.Uri)), foreign.Der],
            "invalid peer certificate: self-signed certificate in certificate chain",
            "unknown_ca");
    }

    [Theory, MemberData(nameof(Roles))]
    public void Handshake_RootOfTheSameName_IsDecryptError(TlsRole refused) => AssertRefused(
        refused,
        chain: [_lab.Authority("root").Issue(_lab.Key, new TestLeaf(TlsLab.Uri))],
        "invalid peer certificate: certificate signature failure",
        "decrypt_error");

    [Theory, MemberData(nameof(Roles))]
    public void Handshake_BrokenSignature_IsDecryptError(TlsRole refused)
    {
        byte[] leaf = _lab.Root.Issue(_lab.Key, new TestLeaf(TlsLab.Uri));
        leaf[^1] ^= 1;
        AssertRefused(
            refused, chain: [leaf], "invalid peer certificate: certificate signature failure", "decrypt_error");
    }

    [Theory, MemberData(nameof(Roles))]
    public void Handshake_Expired_IsCertificateExpired(TlsRole refused) => AssertRefused(
        refused,
        new TestLeaf(TlsLab.Uri) { StartsIn = TimeSpan.FromHours(-2), EndsIn = TimeSpan.FromSeconds(-2) },
        "invalid peer certificate: certificate has expired",
        "certificate_expired");

    [Theory, MemberData(nameof(Roles))]
    public void Handshake_NotYetValid_IsCertificateExpired(TlsRole refused) => AssertRefused(
        refused,
        new TestLeaf(TlsLab.Uri) { StartsIn = TimeSpan.FromMinutes(10) },
        "invalid peer certificate: certificate is not yet valid",
        "certificate_expired");

    [Fact]
    public void Handshake_RootExpired_AnchorsNothing()
    {
        TestRoot expired = _lab.Authority("expired", days: -1);

        TlsPair pair = _lab.Pair(
            _lab.Context(TlsRole.Client, chain: [expired.Issue(_lab.Key, new TestLeaf(TlsLab.Uri))]),
            _lab.Context(TlsRole.Server, roots: [expired.Der, _lab.Root.Der]));

        AssertRefused(
            pair, TlsRole.Client, "invalid peer certificate: certificate has expired", "certificate_expired");
    }

    [Theory]
    [InlineData(TlsRole.Client, TestRoot.ServerAuth)]
    [InlineData(TlsRole.Server, TestRoot.ClientAuth)]
    public void Handshake_WrongUsage_IsUnsupportedCertificate(TlsRole refused, string usage) => AssertRefused(
        refused,
        new TestLeaf(TlsLab.Uri) { Usages = [usage] },
        "invalid peer certificate: unsuitable certificate purpose",
        "unsupported_certificate");

    [Theory, MemberData(nameof(Roles))]
    public void Handshake_IssuerIsNoAuthority_IsCertificateUnknown(TlsRole refused)
    {
        TestRoot impostor = _lab.Authority("impostor", _lab.Root, isAuthority: false);
        AssertRefused(
            refused,
            chain: [impostor.Issue(_lab.Key, new TestLeaf(TlsLab.Uri)), impostor.Der],
            "invalid peer certificate: invalid CA certificate",
            "certificate_unknown");
    }

    [Fact]
    public void Handshake_MoreIntermediatesThanAllowed_IsRefused()
    {
        List<TestRoot> path = [_lab.Root];
        for (int depth = 0; depth < 7; depth++)
        {
            path.Add(_lab.Authority($"level {depth}", path[^1]));
        }

        byte[][] six = [path[6].Issue(_lab.Key, new TestLeaf(TlsLab.Uri)), .. path[1..7].Select(at => at.Der).Reverse()];
        byte[][] seven = [path[7].Issue(_lab.Key, new TestLeaf(TlsLab.Uri)), .. path[1..8].Select(at => at.Der).Reverse()];

        Assert.Equal(TlsStatus.Ok, _lab.Pair(_lab.Context(TlsRole.Client, chain: six)).Handshake().Server);
        AssertRefused(TlsRole.Client, seven, "invalid peer certificate: certificate chain too long", "unknown_ca");
    }

    [Theory, MemberData(nameof(Roles))]
    public void Handshake_CheckSaysNo_IsCertificateUnknown(TlsRole refused)
    {
        RecordingCheck no = new(_ => "you are not who I mean");

        TlsPair pair = _lab.Pair(
            clientCheck: refused == TlsRole.Server ? no : null, serverCheck: refused == TlsRole.Client ? no : null);

        AssertRefused(pair, refused, "you are not who I mean", "certificate_unknown");
        Assert.Single(no.Asked);
    }

    [Theory, MemberData(nameof(Roles))]
    public void Handshake_CheckThrows_IsARefusalLikeAnyOther(TlsRole refused)
    {
        RecordingCheck broken = new(_ => throw new InvalidOperationException("no idea"));

        TlsPair pair = _lab.Pair(
            clientCheck: refused == TlsRole.Server ? broken : null,
            serverCheck: refused == TlsRole.Client ? broken : null);

        AssertRefused(pair, refused, "peer check failed: InvalidOperationException: no idea", "certificate_unknown");
    }

    [Fact]
    public void Handshake_BadChain_CheckIsNotAsked()
    {
        RecordingCheck check = new();

        TlsPair pair = _lab.Pair(
            _lab.Context(TlsRole.Client, chain: [_lab.Authority("foreign").Issue(_lab.Key, new TestLeaf(TlsLab.Uri))]),
            serverCheck: check);

        Assert.Equal(TlsStatus.Failed, pair.Handshake().Server);
        Assert.Empty(check.Asked);
        Assert.Empty(pair.Server.Session.PeerUris);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    [InlineData("\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000")]
    [InlineData("\u0016\u0003\u0001\u0000\u0004\u0001\u0000\u0000\u0000")]
    public void Handshake_NoTlsAtAll_Fails(string garbage)
    {
        TlsPair pair = _lab.Pair();
        pair.Client.Handshake();

        Assert.Equal(TlsStatus.Failed, pair.Server.Handshake(Encoding.Latin1.GetBytes(garbage)));
        Assert.Equal(TlsStatus.Failed, pair.Client.Handshake(Encoding.Latin1.GetBytes(garbage)));

        Assert.All(
            (string?[])[pair.Server.Session.Failure, pair.Client.Session.Failure],
            text => Assert.Matches("^[^\n]{5,200}$", text));
        Assert.Equal(TlsStatus.Failed, pair.Server.Handshake([1])); // and for good
    }

    [Fact]
    public void Handshake_GarbageInside_Fails()
    {
        TlsPair pair = _lab.Pair();
        pair.Client.Handshake();
        Assert.Equal(TlsStatus.WantInput, pair.Server.Handshake(pair.Client.TakeOutput()));

        Assert.Equal(TlsStatus.Failed, pair.Server.Handshake(Encoding.ASCII.GetBytes("is anybody listening there?")));
    }

    [Fact]
    public void Handshake_PeerCloses_FailsWithThatReason()
    {
        TlsPair pair = _lab.Pair();
        pair.Client.Handshake();

        byte[] closeNotify = [21, 3, 3, 0, 2, 1, 0];

        Assert.Equal(TlsStatus.Failed, pair.Client.Handshake(closeNotify));
        Assert.Equal("closed by the peer in the handshake", pair.Client.Session.Failure);
    }

    [Fact]
    public void Handshake_AlertReceived_IsNamed()
    {
        TlsPair pair = _lab.Pair();
        pair.Client.Handshake();

        Assert.Equal(TlsStatus.Failed, pair.Client.Handshake([21, 3, 3, 0, 2, 2, 40]));
        Assert.Equal("received alert handshake_failure", pair.Client.Session.Failure);
        Assert.Empty(pair.Client.Read([]).Data);
    }

    [Theory]
    [InlineData(3)] // TLS 1.2
    [InlineData(2)]
    [InlineData(1)]
    public void Handshake_HelloOfAnOlderVersion_IsProtocolVersion(byte minor)
    {
        TlsPair pair = _lab.Pair();
        pair.Client.Handshake();
        byte[] hello = pair.Client.TakeOutput();
        hello[10] = minor; // client_version
        hello.AsSpan(hello.AsSpan().IndexOf((byte[])[0, 43, 0, 3, 2]), 2).Fill(0x6A); // no supported_versions

        Assert.Equal(TlsStatus.Failed, pair.Server.Handshake(hello));
        Assert.Equal("unsupported protocol (sent alert protocol_version)", pair.Server.Session.Failure);
    }

    [Fact]
    public void Handshake_NoCommonGroup_IsHandshakeFailure()
    {
        TlsPair pair = _lab.Pair();
        pair.Client.Handshake();
        byte[] hello = pair.Client.TakeOutput();
        int groups = hello.AsSpan().IndexOf((byte[])[0, 0x1D, 0, 0x17, 0, 0x18]); // x25519, P-256, P-384 in the offer
        hello.AsSpan(groups, hello[groups - 1]).Fill(0x6A); // no group anybody knows
        hello.AsSpan(hello.AsSpan().IndexOf((byte[])[0, 0x1D, 0, 32]), 2).Fill(0x6A); // nor a share of one

        Assert.Equal(TlsStatus.Failed, pair.Server.Handshake(hello));
        Assert.Equal(TlsStatus.Failed, pair.Client.Handshake(pair.Server.TakeOutput()));
        Assert.Equal("received alert handshake_failure", pair.Client.Session.Failure);
    }

    private void AssertRefused(TlsRole refused, TestLeaf leaf, string failure, string alert) =>
        AssertRefused(refused, [_lab.Root.Issue(_lab.Key, leaf)], failure, alert);

    private void AssertRefused(TlsRole refused, IReadOnlyList<byte[]> chain, string failure, string alert) =>
        AssertRefused(
            _lab.Pair(
                refused == TlsRole.Client ? _lab.Context(TlsRole.Client, chain: chain) : null,
                refused == TlsRole.Server ? _lab.Context(TlsRole.Server, chain: chain) : null),
            refused,
            failure,
            alert);

    private static void AssertRefused(TlsPair pair, TlsRole refused, string failure, string alert)
    {
        (TlsStatus client, TlsStatus server) = pair.Handshake();

        (TlsEnd refuser, TlsEnd peer) = refused == TlsRole.Client
            ? (pair.Server, pair.Client)
            : (pair.Client, pair.Server);
        Assert.Equal(TlsStatus.Failed, refused == TlsRole.Client ? server : client);
        Assert.Equal(failure, refuser.Session.Failure);
        if (refused == TlsRole.Client) // which is done before the server has seen its certificate
        {
            Assert.Equal(TlsStatus.Ok, client);
            Assert.Equal(TlsStatus.Failed, peer.Read([]).Status);
        }

        Assert.Equal($"received alert {alert}", peer.Session.Failure);
    }
}
