using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Ztunnel.Lab;
using Ztunnel.Protos.Workloads;
using MeshExtension = Ztunnel.Protos.Workloads.Extension;

namespace Ztunnel.NodeTests.ControlPlane;

/// <summary>Pushes whose content is damaged, huge or contradicts itself, under traffic.</summary>
public sealed class ContentTests(DiscoveryMesh mesh) : IClassFixture<DiscoveryMesh>, IAsyncLifetime
{
    private const int Nodes = 2;
    private const int Mebibyte = 1024 * 1024;

    private static readonly Dictionary<string, Func<MeshResource, MeshResource>> s_damages = new()
    {
        ["truncated"] = resource => resource.Truncated(),
        ["without payload"] = resource => resource.WithoutPayload(),
    };

    public static TheoryData<string> Damages => [.. s_damages.Keys];

    private LabControlPlane ControlPlane => mesh.ControlPlane;

    public Task InitializeAsync() => mesh.PushAsync(mesh.Config()); // whatever the test before left

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory, MemberData(nameof(Damages))]
    public async Task Resources_OfWhichSomeAreDamaged_AreRefusedByNameAndTheOthersApply(string damage)
    {
        await using SteadyTraffic traffic = await mesh.StartTrafficAsync();
        IReadOnlyCollection<MeshResource> wanted = mesh.Config().Deny(mesh.Other).ToResources();
        int before = ControlPlane.Nacks.Count();

        ControlPlane.Set(
        [
            .. wanted.Where(resource => resource.TypeUrl == ResourceType.Authorization),
            s_damages[damage](Template(wanted, ResourceType.Authorization)),
            s_damages[damage](Template(wanted, ResourceType.Address)),
        ]);
        await ControlPlane.WaitForAnswersAsync(Nodes);

        IReadOnlyList<PushAnswer> nacks = [.. ControlPlane.Nacks.Skip(before)];
        Assert.Equal(2 * Nodes, nacks.Count);
        Assert.All(nacks, nack => Assert.StartsWith("bad/bad: ", nack.Error, StringComparison.Ordinal));
        await mesh.AssertDeniedAsync(mesh.Other);
        await traffic.GoesOnAsync();
        await traffic.StopAsync();
    }

    [Fact]
    public async Task Resource_ThatGotWorse_StaysAsItWas()
    {
        await mesh.PushAsync(mesh.Config().Deny(mesh.Other));
        await using SteadyTraffic traffic = await mesh.StartTrafficAsync();

        ControlPlane.Set(mesh.Config().Deny(mesh.Other).ToResources().Select(resource => resource.Truncated()));
        await ControlPlane.WaitForAnswersAsync(Nodes);

        await mesh.AssertDeniedAsync(mesh.Other);
        await traffic.GoesOnAsync();
        await traffic.StopAsync();
    }

    [Fact]
    public async Task Push_OfNearlyTwoHundredMebibytes_IsTaken()
    {
        await using SteadyTraffic traffic = await mesh.StartTrafficAsync();

        ControlPlane.Set(Enumerable.Range(0, 195).Select(index => Heavy(index, Mebibyte)));
        await ControlPlane.WaitForAckAsync(Nodes);

        await traffic.GoesOnAsync();
        await mesh.PushAsync(mesh.Config()); // takes them away
        await traffic.GoesOnAsync();
        await traffic.StopAsync();
    }

    [Fact]
    public async Task Push_OfMoreThanAnybodyTakes_IsRefusedAndTheNextIsNot()
    {
        await using SteadyTraffic traffic = await mesh.StartTrafficAsync();
        int requests = ControlPlane.Requests.Count;

        ControlPlane.Set(Enumerable.Range(0, 205).Select(index => Heavy(index, Mebibyte)));
        await ControlPlane.UntilAsync(
            () => ControlPlane.Requests.Count >= requests + 2 * Nodes, "both nodes to come again"); // two types each

        await traffic.GoesOnAsync();
        await mesh.PushAsync(mesh.Config().Deny(mesh.Other));
        await mesh.AssertDeniedAsync(mesh.Other);
        await traffic.GoesOnAsync();
        await traffic.StopAsync();
    }

    [Fact]
    public async Task Resources_ThatContradictEachOther_AreTakenAndTakenBack()
    {
        await using SteadyTraffic traffic = await mesh.StartTrafficAsync();
        Workload twin = Parse(mesh.Config(), mesh.Outside).Workload;
        twin.Uid = "Kubernetes/networking.istio.io/WorkloadEntry/default/twin"; // of lower rank than a pod
        Service rival = new() { Name = "rival", Namespace = "other", Hostname = "rival.other.svc.cluster.local" };
        rival.Addresses.Add(new NetworkAddress
        {
            Address = ByteString.CopyFrom(DiscoveryMesh.Vip.GetAddressBytes()),
        });
        Workload lost = new() { Uid = "lost", Name = "lost", Namespace = "default" };
        lost.Services["default/nowhere.default.svc.cluster.local"] = new PortList();
        lost.AuthorizationPolicies.Add("default/nothing");

        ControlPlane.Set(MeshResource.Of(twin), MeshResource.Of(rival), MeshResource.Of(lost));
        await ControlPlane.WaitForAckAsync(Nodes);
        await traffic.GoesOnAsync();
        await mesh.CallServerAsync(mesh.Outside);
        await mesh.PushAsync(mesh.Config());

        await traffic.GoesOnAsync();
        await mesh.CallServerAsync(mesh.Outside);
        await traffic.StopAsync();
    }

    private static MeshResource Heavy(int index, int bytes) => MeshResource.Of(new Workload
    {
        Uid = $"heavy{index}",
        Name = $"heavy{index}",
        Namespace = "default",
        Extensions =
        {
            new MeshExtension { Name = "ballast", Config = new Any { Value = ByteString.CopyFrom(new byte[bytes]) } },
        },
    });

    // Something of that type under a name nothing else has.
    private static MeshResource Template(IEnumerable<MeshResource> resources, string typeUrl) =>
        resources.First(resource => resource.TypeUrl == typeUrl) with { Name = "bad/bad" };

    private static Address Parse(MeshConfig config, Pod pod) => Address.Parser.ParseFrom(
        config.ToResources().Single(resource => resource.Name == pod.WorkloadUid).Payload!.Value);
}
