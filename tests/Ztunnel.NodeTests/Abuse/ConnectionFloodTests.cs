using System.Net;
using Xunit.Abstractions;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Abuse;

/// <summary>TCP connections as fast as an attacker can make them, at each of the proxy's ports.</summary>
public sealed class ConnectionFloodTests(HostileMesh mesh, ITestOutputHelper output)
    : AbuseTest(mesh, output), IClassFixture<HostileMesh>
{
    private const int OutboundPort = 15001;
    private const int FirstPort = 2000;

    private static readonly byte[] s_request = "GET / HTTP/1.1\r\nHost: nobody\r\n\r\n"u8.ToArray();

    [Fact]
    public Task Connections_ToTheHbonePort_OpenedAndClosed() =>
        AssertHarmlessAsync(Connecting(HostileMesh.HbonePort));

    [Fact]
    public Task Connections_ToThePlaintextPort_OpenedAndClosed() =>
        AssertHarmlessAsync(Connecting(HostileMesh.PlaintextPort));

    [Fact]
    public Task Connections_ToTheOutboundPort_OpenedAndClosed() =>
        AssertHarmlessAsync(Connecting(OutboundPort));

    [Fact]
    public Task Plaintext_ToAnApplicationPort_OpenedSentAndClosed() =>
        AssertHarmlessAsync(Connecting(Hostile.Apps.SinkPort, s_request));

    [Fact]
    public Task Plaintext_ToAClosedPort_OpenedSentAndClosed() =>
        AssertHarmlessAsync(Connecting(HostileMesh.ClosedPort, s_request, awaitsEnd: true));

    [Fact]
    public Task Plaintext_IntoABlackHole_HeldByTheThousand() =>
        AssertHarmlessAsync(Holding(1500, Hostile.ServerAt(BlackHole.Port)));

    [Fact]
    public Task Plaintext_HeldIdleByTheThousand_CostsLittle() =>
        AssertHarmlessAsync(Holding(5000, Hostile.ServerAt(Hostile.Apps.SilentPort)));

    private Action<FloodTurn> Connecting(int port, byte[]? sent = null, bool awaitsEnd = false) => turn =>
    {
        RawConnection connection = turn.Hold(RawConnection.Open(Hostile.Attacker, Hostile.ServerAt(port)));
        try
        {
            connection.Send(sent);
            if (awaitsEnd)
            {
                connection.AwaitEnd();
            }

            turn.Count(1);
        }
        finally
        {
            turn.Release(connection);
        }
    };

    // From ports below those that the proxy's own connections take: it keeps the source address, and where both would
    // have the same port, the kernel could not tell the two connections apart.
    private Attack Holding(int count, IPEndPoint to)
    {
        int port = FirstPort;
        return Attack.Holding(
            count, turn => turn.Hold(RawConnection.Open(Hostile.Attacker, to, localPort: port++)));
    }
}
