using Ztunnel.OpenSsl;

namespace Ztunnel.Tests.OpenSsl;

public sealed class TlsSessionTests : IDisposable
{
    private readonly TestRoot _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Handshake_BothSound_GivesNamesAndCarriesData()
    {
        using EvpKey key = EvpKey.GenerateP256();
        byte[] leaf = _root.Issue(key, new TestLeaf("spiffe://td/ns/a/sa/b"));
        using TlsContext client = TlsContext.Create(TlsRole.Client, new(), key, [leaf], [_root.Der]);
        using TlsContext server = TlsContext.Create(TlsRole.Server, new(), key, [leaf], [_root.Der]);
        using TlsPair pair = new(new(client, new RecordingCheck()), new(server, new RecordingCheck()));

        Assert.Equal((TlsStatus.Ok, TlsStatus.Ok), pair.Handshake());

        Assert.Equal(["spiffe://td/ns/a/sa/b"], pair.Server.Session.PeerUris);
        Assert.Equal("TLSv1.3", pair.Server.Session.Protocol);
        Assert.Equal("TLS_AES_256_GCM_SHA384", pair.Server.Session.Cipher);
        Assert.Equal("x25519", pair.Server.Session.Group);
        Assert.Equal(TlsStatus.Ok, pair.Client.Write([1, 2, 3]));
        (TlsStatus status, byte[] data) = pair.Server.Read(pair.Client.TakeOutput());
        Assert.Equal(TlsStatus.WantInput, status);
        Assert.Equal([1, 2, 3], data);
    }
}
