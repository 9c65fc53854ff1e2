using Xunit.Abstractions;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Abuse;

/// <summary>Peers of the mesh that flood a server's node with frames of no use.</summary>
public sealed class FrameFloodTests(HostileMesh mesh, ITestOutputHelper output)
    : AbuseTest(mesh, output), IClassFixture<HostileMesh>
{
    private const int Batch = 500;
    private const int MaxConcurrentStreams = 3; // SETTINGS

    [Fact]
    public Task Pings_WithoutEnd_EndTheConnectionOnly() =>
        AssertCalmedAsync("ping_flood", Flood(batch => batch.Ping()));

    [Fact]
    public Task Settings_WithoutEnd_EndTheConnectionOnly() =>
        AssertCalmedAsync("settings_flood", Flood(batch => batch.Settings((MaxConcurrentStreams, 100u))));

    [Fact]
    public Task LargeSettings_WithoutEnd_EndTheConnectionOnly()
    {
        (int Id, uint Value)[] entries = new (int Id, uint Value)[2000];
        Array.Fill(entries, (MaxConcurrentStreams, 100u));
        return AssertCalmedAsync("settings_flood", Flood(batch => batch.Settings(entries), times: 20));
    }

    [Fact]
    public Task TinyWindowUpdates_WithoutEnd_EndTheConnectionOnly() =>
        AssertCalmedAsync("window_update_flood", Flood(batch => batch.WindowUpdate(0, 1)));

    [Fact]
    public Task UnknownFrames_WithoutEnd_EndTheConnectionOnly() =>
        AssertCalmedAsync("useless_frames", Flood(batch => batch.Frame(FrameKind.Unknown, 0, 0, "what?"u8)));

    [Fact]
    public Task Priorities_WithoutEnd_EndTheConnectionOnly() => AssertCalmedAsync(
        "useless_frames", Flood(batch => batch.Frame(FrameKind.Priority, 0, 1, [0, 0, 0, 0, 16])));

    [Fact]
    public Task EmptyData_WithoutEnd_EndsTheConnectionOnly() =>
        AssertCalmedAsync("empty_data", FloodOfSink(batch => batch.Frame(FrameKind.Data, 0, 1, [])));

    // The limit is far above what a share of a worker lets through: mostly the share alone has to do.
    [Fact]
    public Task TinyData_OfOneByteEach_LeavesTheOthersTheirShare() =>
        AssertHarmlessAsync(FloodOfSink(batch => batch.Frame(FrameKind.Data, 0, 1, [0])));

    private Action<FloodTurn> Flood(Action<FrameBatch> frame, int times = Batch) =>
        Hostile.Repeating(new FrameBatch(), times, frame);

    private Action<FloodTurn> FloodOfSink(Action<FrameBatch> frame) =>
        Hostile.Repeating(new FrameBatch().Connect(1, Hostile.Authority(Hostile.Apps.SinkPort)), Batch, frame);
}
