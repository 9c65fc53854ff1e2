using Xunit.Abstractions;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Abuse;

/// <summary>Peers of the mesh whose header blocks cost more than any request is worth.</summary>
public sealed class HeaderAbuseTests(HostileMesh mesh, ITestOutputHelper output)
    : AbuseTest(mesh, output), IClassFixture<HostileMesh>
{
    private const byte EndHeaders = FrameBatch.EndHeaders;
    private const uint CompressionError = 9;

    [Fact]
    public Task Continuations_WithoutEnd_EndTheConnectionOnly() => AssertCalmedAsync(
        "header_block",
        Hostile.Repeating(Unfinished(), 20, batch => batch.Frame(FrameKind.Continuation, 0, 1, new byte[4096])));

    [Fact]
    public Task EmptyContinuations_WithoutEnd_EndTheConnectionOnly() => AssertCalmedAsync(
        "empty_continuation",
        Hostile.Repeating(Unfinished(), 500, batch => batch.Frame(FrameKind.Continuation, 0, 1, [])));

    [Fact]
    public Task HeaderLists_AboveTheLimit_AreRefusedUntilTheConnectionIs()
    {
        HpackBlock tooLarge = Connect().Padding(70_000);
        return AssertCalmedAsync(
            "header_flood", Hostile.OnNewStreams(5, (batch, stream) => batch.Headers(stream, tooLarge)));
    }

    [Fact]
    public Task HeaderLists_JustBelowTheLimit_EndTheConnectionOnly()
    {
        HpackBlock large = Connect().Padding(60_000);
        return AssertCalmedAsync(
            "header_flood", Hostile.OnNewStreams(5, (batch, stream) => batch.Headers(stream, large)));
    }

    [Fact]
    public Task HpackBomb_OfOneEntryNamedOften_EndsTheConnectionOnly()
    {
        HpackBlock bomb = Connect().Insert("x-bomb", new string('b', 3900));
        for (int i = 0; i < 30_000; i++)
        {
            bomb.Indexed(62);
        }

        return AssertCalmedAsync(
            "header_bomb", Hostile.OnNewStreams(1, (batch, stream) => batch.Headers(stream, bomb)));
    }

    [Fact]
    public Task TableSize_ChangedWithEveryBlock_EndsTheConnectionOnly()
    {
        HpackBlock thrash = new HpackBlock().TableSize(0).TableSize(4096).Literal(":method", "CONNECT");
        return AssertCalmedAsync(
            "hpack_thrash", Hostile.OnNewStreams(50, (batch, stream) => batch.Headers(stream, thrash)));
    }

    [Fact]
    public Task Table_FilledAnewWithEveryBlock_EndsTheConnectionOnly()
    {
        HpackBlock churn = Connect();
        for (int i = 0; i < 200; i++)
        {
            churn.Insert($"x-{i}", new string('c', 60));
        }

        return AssertCalmedAsync(
            "header_flood", Hostile.OnNewStreams(20, (batch, stream) => batch.Headers(stream, churn)));
    }

    [Fact]
    public Task Blocks_ThatAreNoHpack_EndTheConnectionOnly()
    {
        byte[] nonsense = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        return AssertHarmlessAsync(new Attack(Hostile.OnNewStreams(
            1, (batch, stream) => batch.Frame(FrameKind.Headers, EndHeaders, stream, nonsense)))
        {
            GoAway = CompressionError,
        });
    }

    private HpackBlock Connect() => HpackBlock.Connect(Hostile.Authority(HostileMesh.ClosedPort));

    private FrameBatch Unfinished() => new FrameBatch().Headers(1, Connect(), flags: 0);
}
