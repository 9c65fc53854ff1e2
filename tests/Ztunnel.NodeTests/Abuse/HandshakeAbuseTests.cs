using System.Net.Security;
using Xunit.Abstractions;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Abuse;

/// <summary>Strangers at the HBONE port: garbage around TLS, handshakes for nothing, bad certificates.</summary>
public sealed class HandshakeAbuseTests(HostileMesh mesh, ITestOutputHelper output)
    : AbuseTest(mesh, output), IClassFixture<HostileMesh>
{
    private readonly byte[] _garbage = Garbage(1024);

    [Fact]
    public Task Garbage_InPlaceOfTls_IsClosed() => AssertHarmlessAsync(WithRaw(connection =>
    {
        connection.Send(_garbage);
        connection.AwaitEnd();
    }));

    [Fact]
    public Task Garbage_InPlaceOfThePreface_IsClosed() =>
        AssertHarmlessAsync(WithTunnel(peer => peer.Send(_garbage)));

    [Fact]
    public Task Garbage_AfterValidFrames_IsClosed() => AssertHarmlessAsync(WithTunnel(peer =>
    {
        peer.Send(new FrameBatch().Greeting().Connect(1, Hostile.Authority(Hostile.Apps.SinkPort)));
        peer.Send(_garbage);
    }));

    [Fact]
    public Task Garbage_BetweenRecords_IsClosed() => AssertHarmlessAsync(WithTunnel(peer =>
    {
        peer.Send(new FrameBatch().Greeting());
        peer.SendBeneath(_garbage);
    }));

    [Fact]
    public Task Handshakes_BegunAndDropped_LeaveTheOthersTheirShare()
    {
        byte[] hello = ClientHello.Record();
        return AssertHarmlessAsync(WithRaw(connection => connection.Send(hello)));
    }

    [Fact]
    public Task Handshakes_ReadAndDropped_LeaveTheOthersTheirShare()
    {
        byte[] hello = ClientHello.Record();
        byte[] answer = new byte[4096];
        return AssertHarmlessAsync(WithRaw(connection =>
        {
            connection.Send(hello);
            connection.Socket.Receive(answer); // the server has signed by now
        }));
    }

    [Fact]
    public Task Handshakes_CompletedAndDropped_LeaveTheOthersTheirShare() =>
        AssertHarmlessAsync(WithTunnel(_ => { }, awaitsEnd: false));

    [Fact]
    public Task Client_WithoutCertificate_IsRefused() =>
        AssertHarmlessAsync(turn => Present(turn, certificate: null));

    [Fact]
    public Task Client_OfAForeignRoot_IsRefused()
    {
        using LabRoot foreign = new("somebody else");
        SslStreamCertificateContext certificate =
            HostilePeer.Present(foreign.Issue(LeafSpec.Of(Hostile.Attacker.SpiffeId)));
        return AssertHarmlessAsync(turn => Present(turn, certificate));
    }

    [Fact]
    public Task Client_WithAnExpiredCertificate_IsRefused()
    {
        LeafSpec expired = LeafSpec.Of(Hostile.Attacker.SpiffeId) with
        {
            StartsIn = TimeSpan.FromHours(-2),
            EndsIn = TimeSpan.FromHours(-1),
        };
        SslStreamCertificateContext certificate = HostilePeer.Present(Mesh.Ca.Root.Issue(expired));
        return AssertHarmlessAsync(turn => Present(turn, certificate));
    }

    // With TLS 1.3 the client is done before the server has judged it: the refusal comes with the first read.
    private void Present(FloodTurn turn, SslStreamCertificateContext? certificate)
    {
        HostilePeer peer = turn.Hold(HostilePeer.Open(
            Hostile.Attacker, Hostile.ServerAt(HostileMesh.HbonePort), certificate));
        try
        {
            peer.AwaitEnd();
            Assert.Equal(0, peer.Seen.Of(FrameKind.Settings));
            turn.Count(1);
        }
        finally
        {
            turn.Release(peer);
        }
    }

    private Action<FloodTurn> WithRaw(Action<RawConnection> act) => turn =>
    {
        RawConnection connection =
            turn.Hold(RawConnection.Open(Hostile.Attacker, Hostile.ServerAt(HostileMesh.HbonePort)));
        try
        {
            act(connection);
            turn.Count(1);
        }
        finally
        {
            turn.Release(connection);
        }
    };

    private Action<FloodTurn> WithTunnel(Action<HostilePeer> act, bool awaitsEnd = true) => turn =>
    {
        HostilePeer peer = turn.Hold(Hostile.OpenPeer());
        try
        {
            act(peer);
            if (awaitsEnd)
            {
                peer.AwaitEnd();
            }

            turn.Count(1);
        }
        finally
        {
            turn.Release(peer);
        }
    };

    // The same every time, and neither a TLS record nor a frame of a length that would be waited for.
    private static byte[] Garbage(int length)
    {
        byte[] bytes = new byte[length];
        new Random(15008).NextBytes(bytes);
        bytes[0] = 0xff;
        return bytes;
    }
}
