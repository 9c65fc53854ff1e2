using Grpc.Core;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.ControlPlane;

/// <summary>A control plane in trouble, under traffic: what worked goes on, and what was missed is made up for.</summary>
public sealed class FaultTests(DiscoveryMesh mesh) : IClassFixture<DiscoveryMesh>, IAsyncLifetime
{
    private const int Nodes = 2;

    private static readonly Dictionary<string, Func<Fault>> s_faults = new()
    {
        ["ended mid-push, unavailable"] = () => new EndMidPush(StatusCode.Unavailable),
        ["ended mid-push, internal"] = () => new EndMidPush(StatusCode.Internal),
        ["broken mid-message"] = () => new CutMidMessage(),
        ["unavailable"] = () => new RefuseStreams(StatusCode.Unavailable),
        ["not ready"] = () => new RefuseStreams(StatusCode.Unknown, "server is not ready to serve discovery information"),
        ["overloaded"] = () => new RefuseStreams(StatusCode.ResourceExhausted),
        ["token expired"] = () => new RequireToken("another"),
        ["duplicates"] = () => new DuplicatePushes(),
        ["unknown types"] = () => new UnknownTypes(),
        ["old connections ended"] = () => new MaxConnectionAge(TimeSpan.FromMilliseconds(100)),
        ["slow"] = () => new DelayPushes(() => Task.Delay(200)),
        ["silent"] = () => new DelayPushes(() => Task.Delay(Timeout.Infinite)),
    };

    public static TheoryData<string> Faults => [.. s_faults.Keys];

    private LabControlPlane ControlPlane => mesh.ControlPlane;

    public Task InitializeAsync() => mesh.PushAsync(mesh.Config()); // whatever the test before left

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory, MemberData(nameof(Faults))]
    public async Task Fault_WhileAPushComes_LeavesTrafficAloneAndHeals(string name)
    {
        await using SteadyTraffic traffic = await mesh.StartTrafficAsync();

        using (ControlPlane.Inject(s_faults[name]()))
        {
            ControlPlane.EndStreams(StatusCode.Unavailable);
            ControlPlane.Apply(mesh.Config().Deny(mesh.Other));
            await traffic.GoesOnAsync();
        }

        ControlPlane.EndStreams(StatusCode.Unavailable); // one that got stuck
        await ControlPlane.WaitForAckAsync(Nodes);
        await mesh.AssertDeniedAsync(mesh.Other);
        await traffic.GoesOnAsync();
        await traffic.StopAsync();
    }

    [Fact]
    public async Task Restart_WithTheSameState_SendsNothingAgainAndBreaksNothing()
    {
        await using SteadyTraffic traffic = await mesh.StartTrafficAsync();

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
            request => Assert.Contains(mesh.Server.WorkloadUid, request.Request.InitialResourceVersions.Keys));
        await traffic.GoesOnAsync();
        await traffic.StopAsync();
    }

    [Fact]
    public async Task Restart_WithAnotherState_IsCaughtUpWith()
    {
        await mesh.PushAsync(mesh.Config().Deny(mesh.Other));
        await mesh.AssertDeniedAsync(mesh.Other);
        await using SteadyTraffic traffic = await mesh.StartTrafficAsync();

        await ControlPlane.StopAsync();
        ControlPlane.Apply(mesh.Config(isScaledOut: true)); // no policy, an endpoint more
        await traffic.GoesOnAsync();
        await mesh.AssertDeniedAsync(mesh.Other); // not forgotten meanwhile
        await ControlPlane.StartAgainAsync();
        await ControlPlane.WaitForAckAsync(Nodes);

        await mesh.CallServerAsync(mesh.Other);
        await traffic.GoesOnAsync();
        await traffic.StopAsync();
    }

    [Fact]
    public async Task Restart_WithAnEmptyState_KeepsOpenConnectionsAndServesAgainWhenItIsFilled()
    {
        using EchoClient open = await EchoClient.ConnectAsync(mesh.Client, mesh.Server.V4, DiscoveryMesh.EchoPort);
        await open.ExchangeAsync();

        await ControlPlane.StopAsync();
        ControlPlane.Clear();
        await ControlPlane.StartAgainAsync();
        await ControlPlane.WaitForAckAsync(Nodes); // it said that all of it is gone

        await open.ExchangeAsync();
        await mesh.PushAsync(mesh.Config());
        await open.ExchangeAsync();
        await mesh.CallServerAsync(mesh.Client);
        await mesh.CallServerAsync(mesh.Outside);
    }
}
