using Ztunnel.OpenSsl;

namespace Ztunnel.Tests.OpenSsl;

/// <summary>Who outlives whom, and calls where none belong.</summary>
public sealed class TlsLifetimeTests : IDisposable
{
    private readonly TlsLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void Session_ContextAndKeyDisposed_GoesOn()
    {
        EvpKey key = EvpKey.GenerateP256();
        byte[] leaf = _lab.Root.Issue(key, new TestLeaf(TlsLab.Uri));
        TlsContext client = TlsContext.Create(TlsRole.Client, new(), key, [leaf], [_lab.Root.Der]);
        TlsContext server = TlsContext.Create(TlsRole.Server, new(), key, [leaf], [_lab.Root.Der]);
        TlsPair pair = _lab.Pair(client, server);
        client.Dispose();
        server.Dispose();
        key.Dispose();

        Assert.Equal((TlsStatus.Ok, TlsStatus.Ok), pair.Handshake());

        pair.Client.Write([1]);
        Assert.Equal([1], pair.Server.Read(pair.Client.TakeOutput()).Data);
        Assert.Throws<ObjectDisposedException>(() => new TlsSession(client, new RecordingCheck()));
    }

    [Fact]
    public void Session_Disposed_EveryCallSaysSo()
    {
        TlsPair pair = _lab.Connected();
        pair.Client.Session.Dispose();
        pair.Client.Session.Dispose();

        Assert.Throws<ObjectDisposedException>(() => pair.Client.Handshake());
        Assert.Throws<ObjectDisposedException>(() => pair.Client.Read([1]));
        Assert.Throws<ObjectDisposedException>(() => pair.Client.Write([1]));
        Assert.Throws<ObjectDisposedException>(() => pair.Client.Shutdown());
        Assert.Equal(0, pair.Client.Session.InputLeft);
    }

    [Fact]
    public void Session_DisposedInsideItsOwnCheck_IsFreedAfterwards()
    {
        TlsSession? session = null;
        using TlsPair pair = _lab.Pair(serverCheck: new RecordingCheck(_ =>
        {
            session!.Dispose();
            return null;
        }));
        session = pair.Server.Session;
        pair.Client.Handshake();
        pair.Server.Handshake(pair.Client.TakeOutput());
        pair.Client.Handshake(pair.Server.TakeOutput());

        pair.Server.Handshake(pair.Client.TakeOutput()); // whatever it says: nothing freed is touched

        Assert.Throws<ObjectDisposedException>(() => pair.Server.Write([1]));
    }

    [Fact]
    public void Session_CalledFromItsOwnCheck_RefusesThePeer()
    {
        TlsEnd? server = null;
        TlsPair pair = _lab.Pair(serverCheck: new RecordingCheck(_ =>
        {
            server!.Handshake([]);
            return null;
        }));
        server = pair.Server;

        Assert.Equal(TlsStatus.Failed, pair.Handshake().Server);
        Assert.Equal(
            "peer check failed: InvalidOperationException: called from inside a call", pair.Server.Session.Failure);
    }

    [Fact]
    public void Session_AnotherUsedInsideACheck_BothFinish()
    {
        TlsPair inner = _lab.Pair();
        TlsPair outer = _lab.Pair(serverCheck: new RecordingCheck(_ => inner.Handshake().Server.ToString()));

        Assert.Equal(TlsStatus.Failed, outer.Handshake().Server);
        Assert.Equal("Ok", outer.Server.Session.Failure); // the check's answer; it came back to the right session
    }

    [Fact]
    public void Session_DataBeforeTheHandshake_IsAMistakeOfOurs()
    {
        TlsPair pair = _lab.Pair();

        Assert.Throws<InvalidOperationException>(() => pair.Client.Write([1]));
        Assert.Throws<InvalidOperationException>(() => pair.Client.Read([1]));
    }

    [Fact]
    public void Session_OutputDisposed_IsAMistakeOfOurs()
    {
        TlsPair pair = _lab.Connected();
        pair.Client.Output.Dispose();

        Assert.Throws<ObjectDisposedException>(() => pair.Client.Write([1]));
        Assert.Throws<ObjectDisposedException>(() => pair.Client.Read([1]));
    }

    [Fact]
    public void Session_ForeignErrorsInTheQueue_AreNotItsOwn()
    {
        TlsPair pair = _lab.Pair();
        LeaveError();
        Assert.Equal(TlsStatus.WantInput, pair.Client.Handshake());
        LeaveError();
        Assert.Equal((TlsStatus.Ok, TlsStatus.Ok), pair.Handshake());
        LeaveError();
        Assert.Equal(TlsStatus.WantInput, pair.Server.Read([]).Status);
        Assert.Equal(TlsStatus.Closed, pair.Server.Read(pair.Client.Shutdown()).Status);

        static unsafe void LeaveError()
        {
            byte* cursor = stackalloc byte[1];
            Assert.Equal(0, CryptoCalls.d2i_X509(0, &cursor, 1));
        }
    }
}
