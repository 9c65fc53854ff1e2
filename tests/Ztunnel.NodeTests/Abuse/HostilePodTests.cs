using System.Net;
using Grpc.Core;
using Xunit.Abstractions;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Abuse;

/// <summary>A captured pod that attacks the node it lives on, and a CA that does not help.</summary>
public sealed class HostilePodTests(HostileMesh mesh, ITestOutputHelper output)
    : AbuseTest(mesh, output), IClassFixture<HostileMesh>
{
    private const int OutboundPort = 15001;
    private const int Many = 1500;

    [Fact]
    public Task Connects_ToUnknownClosedPorts_LeaveTheOthersTheirShare() =>
        AssertHarmlessAsync(Calling(new IPEndPoint(Hostile.Attacker.V4, HostileMesh.ClosedPort)));

    [Fact]
    public Task Connects_ToUnknownAddresses_HoldOnlyThemselves() =>
        AssertHarmlessAsync(Holding(new IPEndPoint(IPAddress.Parse("10.77.200.1"), 80)));

    [Fact]
    public Task Connects_IntoABlackHole_HoldOnlyThemselves() =>
        AssertHarmlessAsync(Holding(new IPEndPoint(Hostile.Attacker.V4, BlackHole.Port)));

    [Fact]
    public Task Connects_ToANodeThatIsGone_LeaveTheOthersTheirShare() =>
        AssertHarmlessAsync(Calling(new IPEndPoint(Hostile.Evil.V4, 80)));

    [Fact]
    public Task Connects_ToTheProxyItself_LeaveTheOthersTheirShare() =>
        AssertHarmlessAsync(Calling(new IPEndPoint(IPAddress.Loopback, OutboundPort)));

    [Fact]
    public Task Connects_ToClosedPortsThroughTheMesh_LeaveTheOthersTheirShare() =>
        AssertHarmlessAsync(Calling(Hostile.ServerAt(HostileMesh.ClosedPort)));

    [Fact]
    public Task Connections_ThroughTheMesh_OpenedAndClosed() => AssertHarmlessAsync(
        Calling(Hostile.ServerAt(Hostile.Apps.SinkPort), awaitsEnd: false));

    [Fact]
    public Task Connections_ThroughTheMesh_HeldIdleByTheThousand_CostLittle()
    {
        Attack attack = Holding(Hostile.ServerAt(Hostile.Apps.SilentPort));
        return AssertHarmlessAsync(attack);
    }

    [Fact]
    public async Task CertificateAuthority_ThatRefuses_HoldsOnlyWhoNeedsIt()
    {
        Mesh.Ca.Answer = CaAnswers.Refusal(StatusCode.Unavailable);
        try
        {
            await AssertHarmlessAsync(Calling(Hostile.ServerAt(Hostile.Apps.SinkPort), from: Hostile.AddLatePod()));
        }
        finally
        {
            Mesh.Ca.Answer = CaAnswers.Good;
        }
    }

    [Fact]
    public async Task CertificateAuthority_ThatDoesNotAnswer_HoldsOnlyWhoNeedsIt()
    {
        TaskCompletionSource gate = new();
        Mesh.Ca.Answer = CaAnswers.After(gate.Task);
        try
        {
            await AssertHarmlessAsync(Calling(Hostile.ServerAt(Hostile.Apps.SinkPort), from: Hostile.AddLatePod()));
        }
        finally
        {
            gate.SetResult();
            Mesh.Ca.Answer = CaAnswers.Good;
        }
    }

    private Attack Calling(IPEndPoint to, bool awaitsEnd = true, Pod? from = null) => new(turn =>
    {
        RawConnection connection = turn.Hold(RawConnection.Open(from ?? Hostile.Mallory, to));
        try
        {
            connection.Send("hello"u8);
            turn.Count(1);
            if (awaitsEnd)
            {
                connection.AwaitEnd();
            }
        }
        finally
        {
            turn.Release(connection);
        }
    })
    {
        IsOutbound = true,
    };

    private Attack Holding(IPEndPoint to) =>
        Attack.Holding(Many, turn => turn.Hold(RawConnection.Open(Hostile.Mallory, to))) with { IsOutbound = true };
}
