using System.Security.Cryptography;
using Ztunnel.OpenSsl;

namespace Ztunnel.Tests.OpenSsl;

/// <summary>Revocation lists, in a handshake and afterwards (tls.md §5).</summary>
public sealed class RevocationTests : IDisposable
{
    private readonly TlsLab _lab = new();

    public static TheoryData<TlsRole> Roles => [TlsRole.Client, TlsRole.Server];

    public void Dispose() => _lab.Dispose();

    [Theory, MemberData(nameof(Roles))]
    public void Handshake_LeafRevoked_IsRefusedWithItsAlert(TlsRole refused)
    {
        byte[] leaf = Leaf(_lab.Root);

        TlsPair pair = Handshake(refused, [leaf], TestCrl.Der(_lab.Root, null, leaf));

        AssertRefused(pair, refused, "certificate revoked", "certificate_revoked");
        Assert.True(Judge(pair, refused).IsPeerRevoked);
    }

    [Theory, MemberData(nameof(Roles))]
    public void Handshake_IntermediateRevoked_IsRefused(TlsRole refused)
    {
        TestRoot middle = _lab.Authority("middle", _lab.Root);

        TlsPair pair = Handshake(refused, [Leaf(middle), middle.Der], TestCrl.Der(_lab.Root, null, middle.Der));

        AssertRefused(pair, refused, "certificate revoked", "certificate_revoked");
    }

    [Fact]
    public void Handshake_ListIsOfAnotherIssuer_SaysNothing()
    {
        byte[] leaf = Leaf(_lab.Root);
        TestRoot other = _lab.Authority("other");

        AssertAccepted(Handshake(TlsRole.Client, [leaf], TestCrl.Der(other, null, leaf)));
        AssertAccepted(Handshake(TlsRole.Client, [leaf], TestCrl.Der(_lab.Root, null, Leaf(_lab.Root))));
        AssertAccepted(Handshake(TlsRole.Client, [leaf], TestCrl.Der(_lab.Root)));
    }

    [Fact]
    public void Handshake_ListIsPastItsNextUpdate_StillCounts()
    {
        byte[] leaf = Leaf(_lab.Root);

        TlsPair pair = Handshake(TlsRole.Client, [leaf], TestCrl.Der(_lab.Root, TimeSpan.FromHours(-1), leaf));

        AssertRefused(pair, TlsRole.Client, "certificate revoked", "certificate_revoked");
    }

    [Fact]
    public void Handshake_ListIsSignedBySomebodyElseOfThatName_FailsWithoutSayingRevoked()
    {
        byte[] leaf = Leaf(_lab.Root);

        TlsPair pair = Handshake(TlsRole.Client, [leaf], TestCrl.Der(_lab.Authority("root"), null, leaf));

        AssertRefused(pair, TlsRole.Client, "CRL signature failure", "decrypt_error");
        Assert.False(Judge(pair, TlsRole.Client).IsPeerRevoked);
    }

    [Fact]
    public void Handshake_TwoIssuersOfOneName_EachIsJudgedByItsOwnList()
    {
        byte[] leaf = Leaf(_lab.Root);
        TestRoot twin = _lab.Authority("root");
        byte[] own = TestCrl.Der(_lab.Root, null, leaf);

        AssertAccepted(Handshake(TlsRole.Client, [leaf], TestCrl.Der(twin, null, leaf), TestCrl.Der(_lab.Root)));
        AssertAccepted(Handshake(TlsRole.Client, [leaf], TestCrl.Der(_lab.Root), TestCrl.Der(twin, null, leaf)));
        TlsPair pair = Handshake(TlsRole.Client, [leaf], TestCrl.Der(twin), own);
        AssertRefused(pair, TlsRole.Client, "certificate revoked", "certificate_revoked");
    }

    [Fact]
    public void IsRevokedBy_ListOfAnotherOfThatNameBeforeIt_DoesNotHideIt()
    {
        byte[] leaf = Leaf(_lab.Root);
        TlsPair pair = Handshake(TlsRole.Client, [leaf]);
        byte[] twin = TestCrl.Der(_lab.Authority("root"));

        Assert.True(Judge(pair, TlsRole.Client).IsRevokedBy(Lists(twin, TestCrl.Der(_lab.Root, null, leaf))));
    }

    [Theory, MemberData(nameof(Roles))]
    public void IsRevokedBy_AfterTheHandshake_JudgesThePathOfThen(TlsRole peer)
    {
        TestRoot middle = _lab.Authority("middle", _lab.Root);
        byte[] leaf = Leaf(middle);
        TlsPair pair = Handshake(peer, [leaf, middle.Der]);
        AssertAccepted(pair);
        TlsSession session = Judge(pair, peer);

        Assert.True(session.IsRevokedBy(Lists(TestCrl.Der(middle, null, leaf))));
        Assert.True(session.IsRevokedBy(Lists(TestCrl.Der(_lab.Root), TestCrl.Der(_lab.Root, null, middle.Der))));
        Assert.False(session.IsRevokedBy(Lists(TestCrl.Der(middle), TestCrl.Der(_lab.Root, null, leaf))));
        Assert.False(session.IsRevokedBy(Lists(TestCrl.Der(_lab.Authority("middle"), null, leaf))));
    }

    [Fact]
    public void IsRevokedBy_BeforeTheHandshake_IsNobody()
    {
        using TlsSession session = new(_lab.Context(TlsRole.Client), new RecordingCheck());

        Assert.False(session.IsRevokedBy(Lists(TestCrl.Der(_lab.Root))));
    }

    [Fact]
    public void Decode_AnyCutOrGarbage_IsRefusedAndNothingElse()
    {
        byte[] list = TestCrl.Der(_lab.Root, null, Leaf(_lab.Root));
        for (int length = 0; length < list.Length; length++)
        {
            Assert.Throws<CryptographicException>(() => Lists(list[..length]));
        }

        Assert.Throws<CryptographicException>(() => Lists([.. list, 0]));
        Random random = new(7);
        for (int round = 0; round < 2000; round++)
        {
            byte[] damaged = [.. list];
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                using RevocationList decoded = RevocationList.Decode(damaged);
            }
            catch (CryptographicException)
            {
                // Most are.
            }
        }
    }

    private static RevocationLists Lists(params byte[][] ders) => new(ders);

    private static void AssertAccepted(TlsPair pair) =>
        Assert.Null(pair.Client.Session.Failure ?? pair.Server.Session.Failure);

    // The end that looks at the certificate of the one that is refused.
    private static TlsSession Judge(TlsPair pair, TlsRole refused) =>
        (refused == TlsRole.Client ? pair.Server : pair.Client).Session;

    private static void AssertRefused(TlsPair pair, TlsRole refused, string reason, string alert)
    {
        Assert.Equal($"invalid peer certificate: {reason}", Judge(pair, refused).Failure);
        TlsEnd told = refused == TlsRole.Client ? pair.Client : pair.Server;
        if (told.Early.Count > 0)
        {
            told.Read([]); // a client is done before its certificate is looked at
        }

        Assert.Contains($"received alert {alert}", told.Session.Failure, StringComparison.Ordinal);
    }

    private byte[] Leaf(TestRoot issuer) => issuer.Issue(_lab.Key, new TestLeaf(TlsLab.Uri));

    private TlsPair Handshake(TlsRole refused, byte[][] chain, params byte[][] lists)
    {
        RevocationLists revocations = new(lists);
        TlsContext client = _lab.Context(TlsRole.Client, chain: refused == TlsRole.Client ? chain : null);
        TlsContext server = _lab.Context(TlsRole.Server, chain: refused == TlsRole.Server ? chain : null);
        TlsPair pair = _lab.Own(new TlsPair(
            new TlsSession(client, new RecordingCheck(), () => refused == TlsRole.Server ? revocations : null),
            new TlsSession(server, new RecordingCheck(), () => refused == TlsRole.Client ? revocations : null)));
        pair.Handshake();
        return pair;
    }
}
