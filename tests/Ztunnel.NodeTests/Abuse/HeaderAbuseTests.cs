using Xunit.Abstractions;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Abuse;

/// <summary>Peers of the mesh whose header blocks cost more than any request is worth.</summary>
public sealed class HeaderAbuseTests(HostileMesh mesh, ITestOutputHelper output)
    : AbuseTest(mesh, output), IClassFixture<HostileMesh>
{
    private const byte EndHeaders = FrameBatch.EndHeaders;

    [Fact]
    public Task Continuations_WithoutEnd_EndTheConnectionOnly() => AssertHarmlessAsync(
        new Attack(Hostile.Repeating(Unfinished(), 20, batch => batch.Frame(FrameKind.Continuation, 0, 1, new byte[4096]))).CalmedBy("header_block"));

    [Fact]
    public Task EmptyContinuations_WithoutEnd_EndTheConnectionOnly() => AssertHarmlessAsync(
        new Attack(Hostile.Repeating(Unfinished(), 500, batch => batch.Frame(FrameKind.Continuation, 0, 1, []))).CalmedBy("empty_continuation"));

    [Fact]
    public Task HeaderLists_AboveTheLimit_AreRefusedUntilTheConnectionIs()
    {
        HpackBlock tooLarge = Connect().Padding(70_000);
        return AssertHarmlessAsync(
            new Attack(Hostile.OnNewStreams(5, (batch, stream) => batch.Headers(stream, tooLarge))).CalmedBy("header_flood"));
    }

    [Fact]
    public Task HeaderLists_JustBelowTheLimit_EndTheConnectionOnly()
    {
        HpackBlock large = Connect().Padding(60_000);
        return AssertHarmlessAsync(
            new Attack(Hostile.OnNewStreams(5, (batch, stream) => batch.Headers(stream, large))).CalmedBy("header_flood"));
    }

    [Fact]
    public Task HpackBomb_OfOneEntryNamedOften_EndsTheConnectionOnly()
    {
        HpackBlock bomb = Connect().Insert("x-bomb", new string('b', 3900));
        for (int i = 0; i < 30_000; i++)
        {
            bomb.Indexed(62);
        }

        return AssertHarmlessAsync(
            new Attack(Hostile.OnNewStreams(1, (batch, stream) => batch.Headers(stream, bomb))).CalmedBy("header_bomb"));
    }

    [Fact]
    public Task TableSize_ChangedWithEveryBlock_EndsTheConnectionOnly()
    {
        HpackBlock thrash = new HpackBlock().TableSize(0).TableSize(4096).Literal(":method", "CONNECT");
        return AssertHarmlessAsync(
            new Attack(Hostile.OnNewStreams(50, (batch, stream) => batch.Headers(stream, thrash))).CalmedBy("hpack_thrash"));
    }

    [Fact]
    public Task Table_FilledAnewWithEveryBlock_EndsTheConnectionOnly()
    {
        HpackBlock churn = Connect();
        for (int i = 0; i < 200; i++)
        {
            churn.Insert($"x-{i}", new string('c', 60));
        }

        return AssertHarmlessAsync(
            new Attack(Hostile.OnNewStreams(20, (batch, stream) => batch.Headers(stream, churn))).CalmedBy("header_flood"));
    }

    [Fact]
    public Task Blocks_ThatAreNoHpack_EndTheConnectionOnly()
    {
        byte[] nonsense = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        return AssertHarmlessAsync(new Attack(Hostile.OnNewStreams(
            1, (batch, stream) => batch.Frame(FrameKind.Headers, EndHeaders, stream, nonsense))));
    }

    private HpackBlock Connect() => HpackBlock.Connect(Hostile.Authority(HostileMesh.ClosedPort));

    private FrameBatch Unfinished() => new FrameBatch().Headers(1, Connect(), flags: 0);
}
