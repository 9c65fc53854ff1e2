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

        TlsPair six = _lab.Pair(_lab.Context(TlsRole.Client, chain: Below(6)));
        Assert.Equal(TlsStatus.Ok, six.Handshake().Server);
        AssertRefused(TlsRole.Client, Below(7), "invalid peer certificate: certificate chain too long", "unknown_ca");

        byte[][] Below(int level) =>
        [
            path[level].Issue(_lab.Key, new TestLeaf(TlsLab.Uri)),
            .. path[1..(level + 1)].Select(authority => authority.Der).Reverse(),
        ];
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
