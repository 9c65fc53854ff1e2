using System.Collections.Concurrent;
using Xunit.Abstractions;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Abuse;

/// <summary>Those who begin and do not go on: a deadline ends each of them, and until then they cost little.</summary>
public sealed class StallTests(HostileMesh mesh, ITestOutputHelper output)
    : AbuseTest(mesh, output), IClassFixture<HostileMesh>
{
    private const int ManySockets = 2000;
    private const int ManyTunnels = 40;

    private readonly byte[] _hello = ClientHello.Record();

    [Fact]
    public Task Connection_WithoutAByte_IsClosedInTime() => AssertStallEndsAsync(ManySockets, Raw([]));

    [Fact]
    public Task ClientHello_HalfSent_IsClosedInTime() =>
        AssertStallEndsAsync(ManySockets, Raw(_hello.AsSpan(0, _hello.Length / 2)));

    [Fact]
    public Task Handshake_LeftAfterTheClientHello_IsClosedInTime() => AssertStallEndsAsync(500, Raw(_hello));

    [Fact]
    public Task Tunnel_WithoutAPreface_IsClosedInTime() =>
        AssertStallEndsAsync(ManyTunnels, Tunnel([]), "settings_stall");

    [Fact]
    public Task Preface_HalfSent_IsClosedInTime() =>
        AssertStallEndsAsync(ManyTunnels, Tunnel("PRI * HTTP/2.0\r\n"u8), "settings_stall");

    [Fact]
    public Task ControlFrame_HalfSent_IsClosedInTime() => AssertStallEndsAsync(
        ManyTunnels,
        Tunnel(new FrameBatch().Greeting().Claim(FrameKind.Ping, 0, 0, 8).Raw([1, 2, 3]).Bytes),
        "frame_stall");

    [Fact]
    public Task HeaderBlock_HalfSent_IsClosedInTime()
    {
        HpackBlock block = HpackBlock.Connect(Hostile.Authority(HostileMesh.ClosedPort));
        return AssertStallEndsAsync(
            ManyTunnels, Tunnel(new FrameBatch().Greeting().Headers(1, block, flags: 0).Bytes), "frame_stall");
    }

    [Fact]
    public Task Answers_ThatNobodyReads_CostLittle()
    {
        const int Batch = 500;
        string sink = Hostile.Authority(Hostile.Apps.SinkPort);
        return AssertHarmlessAsync(new Attack(turn => Hostile.AsSilentPeer(
            turn,
            peer =>
            {
                FrameBatch batch = new();
                for (int stream = 1; !turn.IsOver; stream += 2)
                {
                    batch.Clear().Connect(stream, sink).Frame(FrameKind.Data, FrameBatch.EndStream, stream, []);
                    peer.Send(batch);
                    turn.Count(1);
                }
            },
            Hostile.DeniedCertificate,
            receiveBuffer: 4096))
        {
            UnderWay = Batch,
        });
    }

    // So many, all at once; each must be closed by the proxy, while the attack still holds its own end open.
    private async Task AssertStallEndsAsync(int count, Func<Stall> open, string? limit = null)
    {
        ConcurrentQueue<Stall> stalls = new();
        await AssertHarmlessAsync(Attack.Holding(count, turn => stalls.Enqueue(turn.Hold(open()))) with
        {
            Limit = limit,
            Meanwhile = () => Task.Run(() => stalls.ToList().ForEach(stall => stall.AwaitEnd())),
        });
    }

    private Func<Stall> Raw(ReadOnlySpan<byte> bytes)
    {
        byte[] sent = bytes.ToArray();
        return () =>
        {
            RawConnection connection = RawConnection.Open(Hostile.Attacker, Hostile.ServerAt(HostileMesh.HbonePort));
            connection.Send(sent);
            return new Stall(connection, connection.AwaitEnd);
        };
    }

    private Func<Stall> Tunnel(ReadOnlySpan<byte> bytes)
    {
        byte[] sent = bytes.ToArray();
        return () =>
        {
            HostilePeer peer = Hostile.OpenPeer();
            peer.Send(sent);
            return new Stall(peer, peer.AwaitEnd);
        };
    }

    private sealed class Stall(IDisposable connection, Action awaitEnd) : IDisposable
    {
        public void AwaitEnd() => awaitEnd();

        public void Dispose() => connection.Dispose();
    }
}
