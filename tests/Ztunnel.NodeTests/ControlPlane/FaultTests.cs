using Grpc.Core;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.ControlPlane;

/// <summary>
/// A control plane in trouble, under traffic: what worked goes on, and what was missed is made up for. Every test has
/// nodes of its own: those of another would still hold back, because it failed them again and again.
/// </summary>
public sealed class FaultTests : IAsyncLifetime
{
    private const int Nodes = 2;

    private static readonly Dictionary<string, Func<Fault>> s_faults = new()
    {
        ["ended mid-push, unavailable"] = () => new EndMidPush(StatusCode.Unavailable),
        ["ended mid-push, internal"] = () => new EndMidPush(StatusCode.Internal),
        ["ended mid-push, without an error"] = () => new EndMidPush(StatusCode.OK),
        ["broken mid-message"] = () => new CutMidMessage(),
        ["unavailable"] = () => new RefuseStreams(StatusCode.Unavailable),
        ["not ready"] = () => new RefuseStreams(StatusCode.Unknown, "server is not ready to serve"),
        ["overloaded"] = () => new RefuseStreams(StatusCode.ResourceExhausted),
        ["token expired"] = () => new RequireToken("another"),
        ["duplicates"] = () => new DuplicatePushes(),
        ["unknown types"] = () => new UnknownTypes(),
        ["old connections ended"] = () => new MaxConnectionAge(TimeSpan.FromMilliseconds(100)),
        ["slow"] = () => new DelayPushes(() => Task.Delay(200)),
        ["silent"] = () => new DelayPushes(() => Task.Delay(Timeout.Infinite)),
    };

    public static TheoryData<string> Faults => [.. s_faults.Keys];

    private readonly DiscoveryMesh _mesh = new();

    private LabControlPlane ControlPlane => _mesh.ControlPlane;

    public Task InitializeAsync() => _mesh.InitializeAsync();

    public Task DisposeAsync() => _mesh.DisposeAsync();

    [Theory, MemberData(nameof(Faults))]
    public async Task Fault_WhileAPushComes_LeavesTrafficAloneAndHeals(string name)
    {
        await using SteadyTraffic traffic = await _mesh.StartTrafficAsync();

        using (ControlPlane.Inject(s_faults[name]()))
        {
            ControlPlane.EndStreams();
            ControlPlane.Apply(_mesh.Config().Deny(_mesh.Other));
            await traffic.GoesOnAsync();
        }

        ControlPlane.EndStreams(); // one that got stuck
        await ControlPlane.WaitForAckAsync(Nodes);
        await _mesh.AssertDeniedAsync(_mesh.Other);
        await traffic.GoesOnAsync();
        await traffic.StopAsync();
    }

    [Fact]
    public async Task Push_DoubledAndAmongUnknownTypes_IsAppliedAndAllOfItAnswered()
    {
        await using SteadyTraffic traffic = await _mesh.StartTrafficAsync();
        using IDisposable duplicates = ControlPlane.Inject(new DuplicatePushes());
        using IDisposable unknown = ControlPlane.Inject(new UnknownTypes());
        int before = ControlPlane.Answers.Count;

        ControlPlane.Apply(_mesh.Config(isScaledOut: true).Deny(_mesh.Other));
        await ControlPlane.WaitForAnswersAsync(Nodes);

        // Two types to two nodes, each response twice, and as often of the unknown type.
        IReadOnlyList<PushAnswer> answers = [.. ControlPlane.Answers.Skip(before)];
        Assert.Equal(8, answers.Count(answer => answer.TypeUrl != UnknownTypes.TypeUrl && answer.Error is null));
        Assert.Equal(8, answers.Count(answer => answer.TypeUrl == UnknownTypes.TypeUrl));
        await _mesh.AssertDeniedAsync(_mesh.Other);
        await traffic.GoesOnAsync();
        await traffic.StopAsync();
    }

    [Fact]
    public async Task Restart_WithTheSameState_SendsNothingAgainAndBreaksNothing()
    {
        await using SteadyTraffic traffic = await _mesh.StartTrafficAsync();

        await ControlPlane.StopAsync();
        await traffic.GoesOnAsync();
        int before = ControlPlane.Pushes.Count;
        int requests = ControlPlane.Requests.Count;
        await ControlPlane.StartAgainAsync();
        await ControlPlane.WaitForAckAsync(Nodes);

        IEnumerable<Push> addresses = ControlPlane.Pushes.Skip(before).Where(
            push => push.TypeUrl == ResourceType.Address);
        Assert.All(addresses, push => Assert.Empty(push.Names.Concat(push.Removed)));
        Assert.All(
            ControlPlane.Requests.Skip(requests).Where(request => request.Request.TypeUrl == ResourceType.Address),
            request => Assert.Contains(_mesh.Server.WorkloadUid, request.Request.InitialResourceVersions.Keys));
        await traffic.GoesOnAsync();
        await traffic.StopAsync();
    }

    [Fact]
    public async Task Restart_WithAnotherState_IsCaughtUpWith()
    {
        await _mesh.PushAsync(_mesh.Config().Deny(_mesh.Other));
        await _mesh.AssertDeniedAsync(_mesh.Other);
        await using SteadyTraffic traffic = await _mesh.StartTrafficAsync();

        await ControlPlane.StopAsync();
        ControlPlane.Apply(_mesh.Config(isScaledOut: true)); // no policy, an endpoint more
        await traffic.GoesOnAsync();
        await _mesh.AssertDeniedAsync(_mesh.Other); // not forgotten meanwhile
        await ControlPlane.StartAgainAsync();
        await ControlPlane.WaitForAckAsync(Nodes);

        await _mesh.CallServerAsync(_mesh.Other);
        await traffic.GoesOnAsync();
        await traffic.StopAsync();
    }

    [Fact]
    public async Task Restart_WithAnEmptyState_KeepsOpenConnectionsAndServesAgainWhenItIsFilled()
    {
        using EchoClient open = await EchoClient.ConnectAsync(_mesh.Client, _mesh.Server.V4, DiscoveryMesh.EchoPort);
        await open.ExchangeAsync();

        await ControlPlane.StopAsync();
        ControlPlane.Clear();
        await ControlPlane.StartAgainAsync();
        await ControlPlane.WaitForAckAsync(Nodes); // it said that all of it is gone

        await open.ExchangeAsync();
        await _mesh.PushAsync(_mesh.Config());
        await open.ExchangeAsync();
        await _mesh.CallServerAsync(_mesh.Client);
        await _mesh.CallServerAsync(_mesh.Outside);
    }
}
