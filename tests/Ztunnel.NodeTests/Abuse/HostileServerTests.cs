using System.Net;
using Xunit.Abstractions;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Abuse;

/// <summary>
/// A node of the mesh that is hostile to those who call it. Its caller, a captured pod on the innocent client's node,
/// comes again and again.
/// </summary>
public sealed class HostileServerTests(HostileMesh mesh, ITestOutputHelper output)
    : AbuseTest(mesh, output), IClassFixture<HostileMesh>
{
    private const int Batch = 500;
    private const int Ok = 8; // :status 200 in the static table

    [Fact]
    public Task Node_ThatNeverAnswersTheHandshake_HoldsOnlyItsCallers() =>
        AssertHarmlessAsync(Raw(connection => connection.AwaitEnd()) with { Threads = 100 });

    [Fact]
    public Task Node_ThatResetsEveryConnection_HoldsOnlyItsCallers() => AssertHarmlessAsync(Raw(_ => { }));

    [Fact]
    public Task Node_ThatAnswersTheHandshakeWithGarbage_HoldsOnlyItsCallers() => AssertHarmlessAsync(Raw(connection =>
    {
        connection.Send("HTTP/1.1 400 Bad Request\r\n\r\n"u8);
        connection.AwaitEnd();
    }));

    [Fact]
    public Task Node_SilentAfterTls_HoldsOnlyItsCallers() =>
        AssertHarmlessAsync(Tls(peer => peer.AwaitEnd()) with { Threads = 100 });

    [Fact]
    public Task Node_ThatNeverAnswersConnect_HoldsOnlyItsCallers() => AssertHarmlessAsync(Tls(peer =>
    {
        peer.Send(new FrameBatch().Settings());
        peer.AwaitEnd();
    }) with
    { Threads = 100 });

    [Fact]
    public Task Node_ThatSaysGoAwayWithoutEnd_IsLeft() =>
        AssertHarmlessAsync(Flood(batch => batch.GoAway(int.MaxValue, 0)) with { Limit = "useless_frames" });

    [Fact]
    public Task Node_ThatPingsWithoutEnd_IsLeft() =>
        AssertHarmlessAsync(Flood(batch => batch.Ping()) with { Limit = "ping_flood" });

    [Fact]
    public Task Node_ThatSendsSettingsWithoutEnd_IsLeft() =>
        AssertHarmlessAsync(Flood(batch => batch.Settings((4, 1u))) with { Limit = "settings_flood" });

    [Fact]
    public Task Node_ThatOverflowsTheWindow_IsLeft() => AssertHarmlessAsync(
        Flood(batch => batch.WindowUpdate(0, int.MaxValue)) with { Limit = "window_overflow" });

    [Fact]
    public Task Node_ThatNeverEndsItsHeaders_IsLeft() => AssertHarmlessAsync(Answer(batch =>
    {
        batch.Headers(1, new HpackBlock().Indexed(Ok), flags: 0);
        batch.Repeat(100, more => more.Frame(FrameKind.Continuation, 0, 1, new byte[4096]));
    }) with
    { Limit = "header_block" });

    [Fact]
    public Task Node_ThatAnswersWithAHeaderBomb_IsLeft() => AssertHarmlessAsync(Answer(batch =>
    {
        HpackBlock bomb = new HpackBlock().Indexed(Ok).Insert("x-bomb", new string('b', 3900));
        for (int i = 0; i < 5000; i++)
        {
            bomb.Indexed(62);
        }

        batch.Headers(1, bomb);
    }) with
    { Limit = "header_bomb" });

    [Fact]
    public Task Node_WhoseHeadersAreNoHpack_IsLeft() => AssertHarmlessAsync(Answer(batch =>
        batch.Frame(FrameKind.Headers, FrameBatch.EndHeaders, 1, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff])));

    [Fact]
    public Task Node_ThatRefusesWith431_IsToldToTheCaller() => AssertHarmlessAsync(Answer(batch =>
        batch.Headers(1, new HpackBlock().Literal(":status", "431"), FrameBatch.EndHeaders | FrameBatch.EndStream)));

    [Fact]
    public Task Node_ThatSendsDataBeforeItsAnswer_EndsTheStream() => AssertHarmlessAsync(Answer(batch =>
        batch.Repeat(Batch, more => more.Frame(FrameKind.Data, 0, 1, "too early"u8))));

    [Fact]
    public Task Node_ThatAcceptsAndSendsMoreThanAsked_CostsItsWindow() => AssertHarmlessAsync(Answer(batch =>
    {
        batch.Headers(1, new HpackBlock().Indexed(Ok));
        batch.Repeat(400, more => more.Frame(FrameKind.Data, 0, 1, new byte[16 * 1024]));
    }) with
    { Threads = 1 });

    // The caller: a connection to the evil node's application, held until it is ended for it.
    private Attack Raw(Action<RawConnection> serve) =>
        Calling(() => HostileServer.Raw(Hostile.Evil, Hostile.EvilCertificate, serve));

    private Attack Tls(Action<HostilePeer> serve) =>
        Calling(() => HostileServer.Tls(Hostile.Evil, Hostile.EvilCertificate, serve));

    private Attack Flood(Action<FrameBatch> frame)
    {
        FrameBatch batch = new FrameBatch().Repeat(Batch, frame);
        return Tls(peer =>
        {
            peer.Send(new FrameBatch().Settings());
            peer.Listen();
            while (true)
            {
                peer.Send(batch);
            }
        });
    }

    // Waits for the CONNECT of the tunnel's first stream, then says this.
    private Attack Answer(Action<FrameBatch> write)
    {
        FrameBatch batch = new();
        write(batch);
        return Tls(peer =>
        {
            peer.Send(new FrameBatch().Settings());
            peer.ReadUntil(seen => seen.Of(FrameKind.Headers) > 0);
            peer.Send(batch);
            peer.AwaitEnd();
        });
    }

    private Attack Calling(Func<HostileServer> start)
    {
        IPEndPoint evil = new(Hostile.Evil.V4, 80);
        return new Attack(turn =>
        {
            RawConnection connection = turn.Hold(RawConnection.Open(Hostile.Mallory, evil));
            try
            {
                connection.Send("anybody there?"u8);
                turn.Count(1);
                connection.AwaitEnd();
            }
            finally
            {
                turn.Release(connection);
            }
        })
        {
            IsOutbound = true,
            Accomplice = start,
        };
    }
}
