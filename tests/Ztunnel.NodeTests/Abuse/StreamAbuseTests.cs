using System.Net.Security;
using Xunit.Abstractions;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Abuse;

/// <summary>Peers of the mesh that open streams only to make work.</summary>
public sealed class StreamAbuseTests(HostileMesh mesh, ITestOutputHelper output)
    : AbuseTest(mesh, output), IClassFixture<HostileMesh>
{
    private const int Most = 200; // streams a peer may have open
    private const int Batch = Most / 2;

    [Fact]
    public Task Streams_ResetBeforeTheirAnswer_EndTheConnectionOnly()
    {
        string nowhere = Hostile.Authority(BlackHole.Port);
        return AssertCalmedAsync(
            "rapid_reset", Hostile.OnNewStreams(200, (batch, stream) => batch.Connect(stream, nowhere).Reset(stream)));
    }

    [Fact]
    public Task Streams_ResetAfterTheirAnswer_LeaveTheOthersTheirShare()
    {
        string sink = Hostile.Authority(Hostile.Apps.SinkPort);
        return AssertHarmlessAsync(Answered(
            (batch, stream) => batch.Connect(stream, sink), (batch, stream) => batch.Reset(stream)));
    }

    [Fact]
    public Task Requests_ThatAreMalformed_EndTheConnectionOnly()
    {
        HpackBlock malformed = HpackBlock.Connect(Hostile.Authority(HostileMesh.ClosedPort)).Literal(":path", "/");
        return AssertCalmedAsync(
            "stream_errors", Hostile.OnNewStreams(200, (batch, stream) => batch.Headers(stream, malformed)));
    }

    [Fact]
    public Task Streams_AboveTheLimit_AreRefusedUntilTheConnectionIs()
    {
        string silent = Hostile.Authority(Hostile.Apps.SilentPort);
        return AssertCalmedAsync(
            "stream_errors", Hostile.OnNewStreams(200, (batch, stream) => batch.Connect(stream, silent)));
    }

    [Fact]
    public Task Connects_ToClosedPorts_LeaveTheOthersTheirShare()
    {
        string closed = Hostile.Authority(HostileMesh.ClosedPort);
        return AssertHarmlessAsync(Answered((batch, stream) => batch.Connect(stream, closed)));
    }

    [Fact]
    public Task Connects_IntoABlackHole_LeaveTheOthersTheirShare()
    {
        string nowhere = Hostile.Authority(BlackHole.Port);
        return AssertHarmlessAsync(Attack.Holding(10, turn => Open(turn, nowhere, answers: 0)));
    }

    [Fact]
    public Task Requests_ThatPolicyDenies_LeaveTheOthersTheirShare()
    {
        string sink = Hostile.Authority(Hostile.Apps.SinkPort);
        return AssertHarmlessAsync(Answered(
            (batch, stream) => batch.Connect(stream, sink), certificate: Hostile.DeniedCertificate));
    }

    [Fact]
    public Task Requests_ForAddressesOfOthers_LeaveTheOthersTheirShare() =>
        AssertHarmlessAsync(Answered((batch, stream) => batch.Connect(stream, "192.0.2.1:80")));

    [Fact]
    public Task Streams_HeldIdleByTheThousand_CostLittle()
    {
        string silent = Hostile.Authority(Hostile.Apps.SilentPort);
        return AssertHarmlessAsync(Attack.Holding(25, turn => Open(turn, silent, answers: Most)));
    }

    // Batches as large as the peer may have open, each awaited before the next: no limit is touched.
    private Action<FloodTurn> Answered(
        Action<FrameBatch, int> open,
        Action<FrameBatch, int>? close = null,
        SslStreamCertificateContext? certificate = null) => turn => Hostile.AsSilentPeer(
        turn,
        peer =>
        {
            FrameBatch batch = new();
            int answers = 0;
            for (int stream = 1; !turn.IsOver && stream < int.MaxValue - (2 * Batch); stream += 2 * Batch)
            {
                peer.Send(Streams(batch.Clear(), stream, open));
                answers += Batch;
                peer.ReadUntil(seen => seen.Of(FrameKind.Headers) >= answers);
                peer.Send(Streams(batch.Clear(), stream, close ?? ((_, _) => { })));
                turn.Count(Batch);
            }
        },
        certificate);

    private static FrameBatch Streams(FrameBatch batch, int first, Action<FrameBatch, int> write)
    {
        for (int stream = first; stream < first + (2 * Batch); stream += 2)
        {
            write(batch, stream);
        }

        return batch;
    }

    // One connection with as many streams as it may have.
    private void Open(FloodTurn turn, string authority, int answers)
    {
        FrameBatch batch = new FrameBatch().Greeting();
        for (int stream = 1; stream < 2 * Most; stream += 2)
        {
            batch.Connect(stream, authority);
        }

        HostilePeer peer = turn.Hold(Hostile.OpenPeer());
        peer.Send(batch);
        peer.ReadUntil(seen => seen.Of(FrameKind.Headers) >= answers);
    }
}
