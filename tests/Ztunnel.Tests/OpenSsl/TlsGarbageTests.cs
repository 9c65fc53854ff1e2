using System.Text;
using Ztunnel.OpenSsl;

namespace Ztunnel.Tests.OpenSsl;

/// <summary>Peers that speak something else, or something older, or stop in the middle.</summary>
public sealed class TlsGarbageTests : IDisposable
{
    private readonly TlsLab _lab = new();

    public void Dispose() => _lab.Dispose();

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
}
