using Xunit.Abstractions;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Abuse;

/// <summary>Peers of the mesh that flood a server's node with frames of no use.</summary>
public sealed class FrameFloodTests(HostileMesh mesh, ITestOutputHelper output)
    : AbuseTest(mesh, output), IClassFixture<HostileMesh>
{
    private const int Batch = 500;

    private readonly FrameBatch _nothing = new();

    [Fact]
    public Task Pings_WithoutEnd_EndTheConnectionOnly() => AssertHarmlessAsync(
        new Attack(Hostile.Repeating(_nothing, Batch, batch => batch.Ping())).CalmedBy("ping_flood"));

    [Fact]
    public Task Settings_WithoutEnd_EndTheConnectionOnly() => AssertHarmlessAsync(
        new Attack(Hostile.Repeating(_nothing, Batch, batch => batch.Settings((3, 100u)))).CalmedBy("settings_flood"));

    [Fact]
    public Task LargeSettings_WithoutEnd_EndTheConnectionOnly()
    {
        (int Id, uint Value)[] entries = [.. Enumerable.Range(0, 2000).Select(index => (index % 2 == 0 ? 4 : 1, (uint)index))];
        return AssertHarmlessAsync(
            new Attack(Hostile.Repeating(_nothing, 20, batch => batch.Settings(entries))).CalmedBy("settings_flood"));
    }

    [Fact]
    public Task TinyWindowUpdates_WithoutEnd_EndTheConnectionOnly() => AssertHarmlessAsync(
        new Attack(Hostile.Repeating(_nothing, Batch, batch => batch.WindowUpdate(0, 1))) { Limit = "window_update_flood" });

    [Fact]
    public Task UnknownFrames_WithoutEnd_EndTheConnectionOnly() => AssertHarmlessAsync(
        new Attack(Hostile.Repeating(_nothing, Batch, batch => batch.Frame(FrameKind.Unknown, 0, 0, "what?"u8))).CalmedBy("useless_frames"));

    [Fact]
    public Task Priorities_WithoutEnd_EndTheConnectionOnly() => AssertHarmlessAsync(
        new Attack(Hostile.Repeating(_nothing, Batch, batch => batch.Frame(FrameKind.Priority, 0, 1, [0, 0, 0, 0, 16]))).CalmedBy("useless_frames"));

    [Fact]
    public Task EmptyData_WithoutEnd_EndsTheConnectionOnly() => AssertHarmlessAsync(
        new Attack(Hostile.Repeating(ToSink(), Batch, batch => batch.Frame(FrameKind.Data, 0, 1, []))).CalmedBy("empty_data"));

    [Fact]
    public Task TinyData_OfOneByteEach_LeavesTheOthersTheirShare() => AssertHarmlessAsync(
        new Attack(Hostile.Repeating(ToSink(), Batch, batch => batch.Frame(FrameKind.Data, 0, 1, [0]))));

    private FrameBatch ToSink() => new FrameBatch().Connect(1, Hostile.Authority(Hostile.Sink.Port));
}
