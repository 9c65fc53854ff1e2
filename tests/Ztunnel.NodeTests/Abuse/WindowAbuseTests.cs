using Xunit.Abstractions;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Abuse;

/// <summary>Peers that play with flow control: send more than they may, or take less than they asked for.</summary>
public sealed class WindowAbuseTests(HostileMesh mesh, ITestOutputHelper output)
    : AbuseTest(mesh, output), IClassFixture<HostileMesh>
{
    private const int InitialWindowSize = 4; // SETTINGS
    private const uint WholeWindow = int.MaxValue;
    private const uint FlowControlError = 3;
    private const uint FrameSizeError = 6;
    private const int Chunk = 16 * 1024;
    private const int SmallBuffer = 4096;

    [Fact]
    public Task ConnectionWindow_PushedAboveItsMost_EndsTheConnectionOnly() => AssertHarmlessAsync(
        new Attack(Hostile.Repeating(new FrameBatch(), 1, batch => batch.WindowUpdate(0, WholeWindow)))
        {
            Limit = "window_overflow",
            GoAway = FlowControlError,
        });

    [Fact]
    public Task StreamWindows_PushedAboveTheirMost_EndTheirStreams()
    {
        string sink = Hostile.Authority(Hostile.Apps.SinkPort);
        return AssertHarmlessAsync(
            new Attack(Hostile.OnNewStreams(
                50, (batch, stream) => batch.Connect(stream, sink).WindowUpdate(stream, WholeWindow)))
            {
                Limit = "window_overflow",
            });
    }

    [Fact]
    public Task InitialWindow_SwungUpAndDown_EndsTheConnectionOnly()
    {
        FrameBatch opening = ManyStreams(100, Hostile.Apps.SilentPort);
        return AssertCalmedAsync(
            "settings_flood",
            Hostile.Repeating(opening, 50, batch => batch
                .Settings((InitialWindowSize, 0u))
                .Settings((InitialWindowSize, WholeWindow))));
    }

    [Fact]
    public Task Data_BeyondTheWindow_EndsItsStream()
    {
        FrameBatch opening = new FrameBatch().Connect(1, Hostile.Authority(Hostile.Apps.SilentPort));
        FrameBatch data = new FrameBatch().Repeat(16, batch => batch.Frame(FrameKind.Data, 0, 1, new byte[Chunk]));
        return AssertHarmlessAsync(
            new Attack(turn => Hostile.AsPeer(turn, peer =>
            {
                peer.Send(opening);
                while (!turn.IsOver && peer.Seen.Of(FrameKind.RstStream) == 0)
                {
                    peer.Send(data);
                }

                turn.Count(1);
            }))
            {
                Threads = 1, // what is within the window must be kept for the application, and may be: 4 MiB
                Limit = "window_overflow",
            });
    }

    [Fact]
    public Task Frame_LongerThanAllowed_EndsTheConnectionOnly()
    {
        const int Longest = 0xff_ffff;
        FrameBatch claim = new FrameBatch().Claim(FrameKind.Headers, FrameBatch.EndHeaders, 1, Longest);
        return AssertHarmlessAsync(
            new Attack(turn => Hostile.AsSilentPeer(turn, peer =>
            {
                peer.Send(claim);
                peer.AwaitEnd();
                turn.Count(1);
            }))
            {
                GoAway = FrameSizeError,
            });
    }

    [Fact]
    public Task ZeroWindows_WithDataWaiting_CostLittle() => AssertHarmlessAsync(
        new Attack(turn => Download(turn, streams: 200, window: 0, connectionWindow: 0)) { Threads = 2, UnderWay = 2 });

    [Fact]
    public Task SlowReaders_OfLargeDownloads_CostLittle() => AssertHarmlessAsync(
        new Attack(turn => Download(turn, streams: 4, WholeWindow, WholeWindow - ushort.MaxValue)) { UnderWay = 4 });

    [Fact]
    public Task Windows_OpenedByteByByte_LeaveTheOthersTheirShare()
    {
        FrameBatch opening = ManyStreams(100, Hostile.Apps.SourcePort).Settings((InitialWindowSize, 0u));
        FrameBatch credit = new FrameBatch();
        for (int stream = 1; stream < 200; stream += 2)
        {
            credit.WindowUpdate(stream, 1);
        }

        return AssertHarmlessAsync(turn => Hostile.AsPeer(turn, peer =>
        {
            peer.Send(opening);
            while (!turn.IsOver)
            {
                peer.Send(credit);
                turn.Count(credit.Frames);
            }
        }));
    }

    private FrameBatch ManyStreams(int streams, int port)
    {
        FrameBatch batch = new();
        for (int stream = 1; stream < 2 * streams; stream += 2)
        {
            batch.Connect(stream, Hostile.Authority(port));
        }

        return batch;
    }

    // Asks for a lot and then reads nothing at all.
    private void Download(FloodTurn turn, int streams, uint window, uint connectionWindow)
    {
        FrameBatch opening = new FrameBatch().Settings((InitialWindowSize, window));
        if (connectionWindow > 0)
        {
            opening.WindowUpdate(0, connectionWindow);
        }

        opening.Raw(ManyStreams(streams, Hostile.Apps.SourcePort).Bytes);
        Hostile.AsSilentPeer(
            turn,
            peer =>
            {
                peer.Send(opening);
                turn.Count(1);
                turn.WaitForEnd();
            },
            receiveBuffer: SmallBuffer);
    }
}
