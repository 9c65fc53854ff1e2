using Ztunnel.OpenSsl;

namespace Ztunnel.Tests.OpenSsl;

public sealed class TlsHandshakeTests : IDisposable
{
    private static readonly (TlsStatus, TlsStatus) s_bothOk = (TlsStatus.Ok, TlsStatus.Ok);

    private readonly TlsLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void Handshake_BothSound_TellsPeerAndParameters()
    {
        RecordingCheck check = new();
        TlsPair pair = _lab.Pair(serverCheck: check);

        Assert.Equal(s_bothOk, pair.Handshake());

        Assert.Equal([TlsLab.Uri], Assert.Single(check.Asked));
        foreach (TlsSession session in (TlsSession[])[pair.Client.Session, pair.Server.Session])
        {
            Assert.Equal([TlsLab.Uri], session.PeerUris);
            Assert.Equal("TLSv1.3", session.Protocol);
            Assert.Equal("TLS_AES_256_GCM_SHA384", session.Cipher);
            Assert.Equal("x25519", session.Group);
            Assert.Null(session.Failure);
        }
    }

    [Fact]
    public void Handshake_ByteByByte_Succeeds() =>
        Assert.Equal(s_bothOk, _lab.Pair().Handshake(flight => flight.Chunk(1)));

    [Fact]
    public void Handshake_FlightsCutAnywhere_Succeeds()
    {
        TlsContext client = _lab.Context(TlsRole.Client);
        TlsContext server = _lab.Context(TlsRole.Server);
        int longest = 1;
        for (int cut = 0; cut < longest; cut += 5) // 5: no multiple of a record header's share of a flight
        {
            using TlsPair pair = _lab.Pair(client, server);

            Assert.Equal(s_bothOk, pair.Handshake(flight =>
            {
                longest = Math.Max(longest, flight.Length);
                return [flight[..Math.Min(cut, flight.Length)], flight[Math.Min(cut, flight.Length)..]];
            }));
        }

        Assert.InRange(longest, 500, 5000); // the flights were seen
    }

    [Fact]
    public void Handshake_Again_StaysOk()
    {
        TlsPair pair = _lab.Connected();

        Assert.Equal(TlsStatus.Ok, pair.Client.Handshake());
        Assert.Empty(pair.Client.TakeOutput());
    }

    [Fact]
    public void Handshake_TwiceWithOneContext_NothingIsResumedAndNoTicketSent()
    {
        TlsContext client = _lab.Context(TlsRole.Client);
        TlsContext server = _lab.Context(TlsRole.Server);
        RecordingCheck check = new();
        for (int round = 0; round < 2; round++)
        {
            TlsPair pair = _lab.Pair(client, server, serverCheck: check);

            Assert.Equal(s_bothOk, pair.Handshake());

            Assert.Empty(pair.Client.Early); // a ticket would be there
        }

        Assert.Equal(2, check.Asked.Count);
    }

    [Fact]
    public void Handshake_ClientHello_OffersWhatTheMeshAgreedOn()
    {
        TlsPair pair = _lab.Pair();
        pair.Client.Handshake();

        byte[] hello = pair.Client.TakeOutput();

        ClientHello read = ClientHello.Parse(hello);
        Assert.Equal([0x1302, 0x1301], read.Suites.Where(suite => suite != 0x00FF));
        Assert.Equal([0x0304], read.Versions);
        Assert.Equal([0x001D, 0x0017, 0x0018], read.Groups.Where(group => group != ClientHello.X25519MlKem768));
        Assert.Equal(
            OpenSslLibrary.HasGroup(TlsContext.PostQuantumGroup), read.Groups.Contains(ClientHello.X25519MlKem768));
        Assert.Equal([0x001D], read.KeyShares);
        Assert.Equal("\u0002h2"u8, read.Alpn);
        Assert.Empty(read.Extensions.Intersect(
            [ClientHello.ServerName, ClientHello.SessionTicket, ClientHello.CompressCertificate]));
    }

    [Fact]
    public void Handshake_OnlyOneEndKnowsTls12_MeetsAt13()
    {
        TlsContextOptions both = new() { AllowsTls12 = true };

        TlsPair pair = _lab.Pair(client: _lab.Context(TlsRole.Client, options: both));

        Assert.Equal(s_bothOk, pair.Handshake());
        Assert.Equal("TLSv1.3", pair.Server.Session.Protocol);
    }

    [Fact]
    public void Handshake_PostQuantumOnly_UsesItOrIsRefusedAtOnce()
    {
        TlsContextOptions options = new() { RequiresPostQuantum = true };
        if (!OpenSslLibrary.HasGroup(TlsContext.PostQuantumGroup))
        {
            Assert.Throws<System.Security.Cryptography.CryptographicException>(
                () => _lab.Context(TlsRole.Client, options: options));
            return;
        }

        TlsPair pair = _lab.Pair(client: _lab.Context(TlsRole.Client, options: options));

        Assert.Equal(s_bothOk, pair.Handshake()); // the other end offers it too, if last
        Assert.Equal("X25519MLKEM768", pair.Server.Session.Group, ignoreCase: true);
    }

    [Fact]
    public void Handshake_Intermediates_SentAndFollowedInAnyOrder()
    {
        TestRoot upper = _lab.Authority("upper", _lab.Root);
        TestRoot lower = _lab.Authority("lower", upper);
        TestRoot stranger = _lab.Authority("stranger");
        byte[] leaf = lower.Issue(_lab.Key, new TestLeaf(TlsLab.Uri));
        foreach (byte[][] chain in (byte[][][])[
            [leaf, lower.Der, upper.Der], [leaf, upper.Der, lower.Der], [leaf, stranger.Der, lower.Der, upper.Der]])
        {
            TlsPair pair = _lab.Pair(
                _lab.Context(TlsRole.Client, chain: chain), _lab.Context(TlsRole.Server, chain: chain));

            Assert.Equal(s_bothOk, pair.Handshake());
        }
    }

    [Fact]
    public void Handshake_AnchorIsAnIntermediate_IsEnough()
    {
        TestRoot intermediate = _lab.Authority("intermediate", _lab.Root);
        byte[] leaf = intermediate.Issue(_lab.Key, new TestLeaf(TlsLab.Uri));

        TlsPair pair = _lab.Pair(
            _lab.Context(TlsRole.Client, chain: [leaf], roots: [intermediate.Der]),
            _lab.Context(TlsRole.Server, chain: [leaf], roots: [intermediate.Der]));

        Assert.Equal(s_bothOk, pair.Handshake());
    }

    [Fact]
    public void Handshake_SeveralRoots_AnyWill()
    {
        TestRoot other = _lab.Authority("other");
        IReadOnlyList<byte[]> roots = [other.Der, _lab.Root.Der, _lab.Root.Der];

        TlsPair pair = _lab.Pair(
            _lab.Context(TlsRole.Client, roots: roots),
            _lab.Context(TlsRole.Server, chain: [other.Issue(_lab.Key, new TestLeaf(TlsLab.Uri))], roots: roots));

        Assert.Equal(s_bothOk, pair.Handshake());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("client,server")]
    public void Handshake_UsageFitsOrIsAbsent_IsAccepted(string? usages)
    {
        TestLeaf leaf = new(TlsLab.Uri)
        {
            Usages = usages is null ? null : [TestRoot.ClientAuth, TestRoot.ServerAuth],
        };

        TlsPair pair = _lab.Pair(_lab.Context(TlsRole.Client, leaf), _lab.Context(TlsRole.Server, leaf));

        Assert.Equal(s_bothOk, pair.Handshake());
    }

    [Fact]
    public void Handshake_LargeCertificate_IsAcceptedToALimit()
    {
        TlsPair large = _lab.Pair(_lab.Context(TlsRole.Client, new TestLeaf(TlsLab.Uri) { Padding = 40_000 }));
        TlsPair huge = _lab.Pair(_lab.Context(TlsRole.Client, new TestLeaf(TlsLab.Uri) { Padding = 180_000 }));

        Assert.Equal(s_bothOk, large.Handshake());
        Assert.Equal(TlsStatus.Failed, huge.Handshake().Server);
        Assert.Contains("excessive message size", huge.Server.Session.Failure, StringComparison.Ordinal);
    }
}
