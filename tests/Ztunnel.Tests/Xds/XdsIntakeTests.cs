using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Ztunnel.Linux;
using Ztunnel.Protos.Discovery;
using Ztunnel.State;
using Ztunnel.Xds;
using Auth = Ztunnel.Protos.Authorizations;
using Wire = Ztunnel.Protos.Workloads;

namespace Ztunnel.Tests.Xds;

public sealed class XdsIntakeTests
{
    private static readonly NamespacedHostname s_cart = new("shop", "cart");

    private readonly IntakeLab _lab = new();

    [Fact]
    public void Answer_GoodPush_IsInForceAndAcknowledged()
    {
        DeltaDiscoveryRequest answer = _lab.Answer(WireMesh.Addresses(
            "n1", WireMesh.Pod("a", "10.0.0.1"), WireMesh.ResourceOf(WireMesh.FullService())));

        Assert.Equal(new DeltaDiscoveryRequest { TypeUrl = XdsTypes.Address, ResponseNonce = "n1" }, answer);
        Assert.NotNull(_lab.Mesh.Current.FindWorkload("c1//Pod/shop/a"));
        Assert.NotNull(_lab.Mesh.Current.FindService(new("shop", "cart.shop.svc.cluster.local")));
        Assert.Equal(1, _lab.Mesh.Current.Services.EndpointsOf(s_cart).Count);
        Assert.Equal(1, _lab.Mesh.Current.Version);
    }

    [Fact]
    public void Answer_SomeBad_RefusesThemAndAppliesTheOthers()
    {
        DeltaDiscoveryRequest answer = _lab.Answer(WireMesh.Addresses(
            "n2",
            new Resource { Name = "truncated", Resource_ = Any([0x0A, 0x7F]) },
            WireMesh.Pod("a", "10.0.0.1"),
            new Resource { Name = "empty", Resource_ = Any([]) },
            new Resource { Name = "missing" },
            WireMesh.ResourceOf(new Wire.Workload { Uid = "bad", Addresses = { ByteString.CopyFrom(1, 2) } }),
            WireMesh.Pod("b", "10.0.0.2")));

        Assert.Equal("n2", answer.ResponseNonce);
        Assert.Equal(0, answer.ErrorDetail.Code);
        Assert.StartsWith(
            "empty: unknown address type; missing: XDS payload without resource; "
            + "bad: failed to parse address, had 2 bytes; truncated: decode: ",
            answer.ErrorDetail.Message,
            StringComparison.Ordinal);
        Assert.Equal(2, _lab.Mesh.Current.Workloads.Count);
    }

    [Theory]
    [InlineData(new byte[] { 0x12, 0xff, 0xff, 0xff, 0xff, 0x07 })] // its payload
    [InlineData(new byte[] { 0x1a, 0xff, 0xff, 0xff, 0xff, 0x07 })] // its name
    [InlineData(new byte[] { 0x1a, 0x7f })]
    [InlineData(new byte[] { 0x0f })] // a wire type that is none
    public void Answer_UnreadableResource_IsRefusedAndTheOthersAreTaken(byte[] resource)
    {
        DeltaDiscoveryRequest answer = _lab.Answer(
        [
            .. new DeltaDiscoveryResponse { TypeUrl = XdsTypes.Address, Nonce = "n" }.ToByteArray(),
            0x12, (byte)resource.Length, .. resource,
            .. new DeltaDiscoveryResponse { Resources = { WireMesh.Pod("a", "10.0.0.1") } }.ToByteArray(),
        ]);

        Assert.StartsWith("resource 0: decode: ", answer.ErrorDetail.Message, StringComparison.Ordinal);
        Assert.NotNull(_lab.Mesh.Current.FindWorkload("c1//Pod/shop/a"));
    }

    [Theory]
    [InlineData(XdsTypes.Address)]
    [InlineData(XdsTypes.Authorization)]
    public void Answer_LengthsNearTwoGigabytes_AreRefused(string typeUrl)
    {
        for (int field = 1; field <= 32; field++)
        {
            uint tag = (uint)(field << 3 | 2);
            byte[] name = tag < 0x80 ? [(byte)tag] : [(byte)(tag | 0x80), (byte)(tag >> 7)];
            foreach (byte[] bytes in (byte[][])[[.. name, 0xff, 0xff, 0xff, 0xff, 0x07], [0x0a, 0x08, .. name, 0xf0, 0xff, 0xff, 0xff, 0x07]])
            {
                DeltaDiscoveryRequest answer = _lab.Answer(new DeltaDiscoveryResponse
                {
                    TypeUrl = typeUrl,
                    Resources = { new Resource { Name = "x", Resource_ = new Any { TypeUrl = typeUrl, Value = ByteString.CopyFrom(bytes) } } },
                });

                Assert.StartsWith("x: decode: ", answer.ErrorDetail.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Answer_PayloadOfAnotherType_IsRefused()
    {
        Resource resource = WireMesh.Pod("a", "10.0.0.1");
        resource.Resource_.TypeUrl = XdsTypes.Authorization;

        DeltaDiscoveryRequest answer = _lab.Answer(WireMesh.Addresses("n", resource));

        Assert.Equal(
            $"c1//Pod/shop/a: decode: {XdsTypes.Address} expected, got {XdsTypes.Authorization}",
            answer.ErrorDetail.Message);
        Assert.Equal(0, _lab.Mesh.Current.Version);
    }

    [Fact]
    public void Answer_UnknownType_IsRefusedAndTouchesNothing()
    {
        DeltaDiscoveryRequest answer = _lab.Answer(new DeltaDiscoveryResponse { TypeUrl = "x/y", Nonce = "n" });

        Assert.Equal("unknown type: x/y", answer.ErrorDetail.Message);
        Assert.Equal("n", answer.ResponseNonce);
        Assert.False(_lab.Synced.IsCompleted);
    }

    [Fact]
    public void Answer_AWholeMeshOfRefusals_FitsIntoAnAnswer()
    {
        Resource[] bad = [.. Enumerable.Range(0, 20_000).Select(at => new Resource { Name = $"bad-{at}" })];

        DeltaDiscoveryRequest answer = _lab.Answer(WireMesh.Addresses("n", bad));

        Assert.StartsWith(
            "bad-0: XDS payload without resource; ", answer.ErrorDetail.Message, StringComparison.Ordinal);
        Assert.InRange(answer.CalculateSize(), 60_000, 70_000);
    }

    [Fact]
    public void Answer_SameNameTwice_LaterWins()
    {
        _lab.Answer(WireMesh.Addresses("n", WireMesh.Pod("a", "10.0.0.1"), WireMesh.Pod("a", "10.0.0.2", "2")));

        Workload workload = _lab.Mesh.Current.FindWorkload("c1//Pod/shop/a")!;
        Assert.Equal([InetAddress.Parse("10.0.0.2")], workload.Addresses);
        Assert.Null(_lab.Mesh.Current.FindWorkload(new NetworkAddress("", InetAddress.Parse("10.0.0.1"))));
        Assert.Equal("2", _lab.Connect().Dequeue().InitialResourceVersions["c1//Pod/shop/a"]);
    }

    [Fact]
    public void Answer_UpdateAndRemovalOfOneName_Removes()
    {
        DeltaDiscoveryResponse response = WireMesh.Addresses(
            "n", WireMesh.Pod("a", "10.0.0.1"), WireMesh.ResourceOf(WireMesh.FullService()));
        response.RemovedResources.Add(["c1//Pod/shop/a", "shop/cart.shop.svc.cluster.local"]);

        _lab.Answer(response);

        Assert.Equal(0, _lab.Mesh.Current.Workloads.Count);
        Assert.Equal(0, _lab.Mesh.Current.Services.Count);
        Assert.Empty(_lab.Connect().Dequeue().InitialResourceVersions);
    }

    [Fact]
    public void Answer_Removals_FindWorkloadsBeforeServices()
    {
        Wire.Service service = new() { Namespace = "a", Hostname = "b" };
        _lab.Answer(WireMesh.Addresses(
            "n", WireMesh.ResourceOf(service), WireMesh.ResourceOf(new Wire.Workload { Uid = "a/b" })));

        _lab.Answer(Removing("a/b"));
        Assert.Equal((0, 1), (_lab.Mesh.Current.Workloads.Count, _lab.Mesh.Current.Services.Count));

        _lab.Answer(Removing("a/b"));
        Assert.Equal((0, 0), (_lab.Mesh.Current.Workloads.Count, _lab.Mesh.Current.Services.Count));

        DeltaDiscoveryRequest answer = _lab.Answer(Removing("a/b", "no-slash", "c1//Pod/shop/unknown", ""));
        Assert.Null(answer.ErrorDetail);
    }

    [Fact]
    public void Answer_ReplacedWorkload_LeavesNothingOfTheOld()
    {
        _lab.Answer(WireMesh.Addresses("n", WireMesh.Pod("a", "10.0.0.1")));
        _lab.Answer(WireMesh.Addresses("n", WireMesh.ResourceOf(new Wire.Workload { Uid = "c1//Pod/shop/a" })));

        Assert.Equal(0, _lab.Mesh.Current.Services.EndpointsOf(s_cart).Count);
        Assert.Null(_lab.Mesh.Current.FindWorkload(new NetworkAddress("", InetAddress.Parse("10.0.0.1"))));
    }

    [Fact]
    public void Answer_RefusedPolicy_KeepsTheOneBefore()
    {
        _lab.Answer(WireMesh.Policies("1", WireMesh.ResourceOf(WireMesh.Policy(WireMesh.FullMatch()))));
        Authorization before = _lab.Mesh.Current.Policies.Find("shop/deny")!;

        DeltaDiscoveryRequest answer = _lab.Answer(WireMesh.Policies(
            "2", WireMesh.ResourceOf(WireMesh.Policy(new Auth.Match { SourceIps = { new Auth.Address() } }))));

        Assert.Equal("shop/deny: failed to parse address, had 0 bytes", answer.ErrorDetail.Message);
        Assert.Same(before, _lab.Mesh.Current.Policies.Find("shop/deny"));
    }

    [Fact]
    public void Answer_Policy_IsKnownByTheNameOfItsResource()
    {
        Resource resource = WireMesh.ResourceOf(WireMesh.Policy(WireMesh.FullMatch()));
        resource.Name = "root/other";

        _lab.Answer(WireMesh.Policies("1", resource));
        Assert.NotNull(_lab.Mesh.Current.Policies.Find("root/other"));

        _lab.Answer(RemovingPolicy("root/other"));
        Assert.Equal(0, _lab.Mesh.Current.Policies.Count);
    }

    [Fact]
    public void Answer_PolicyPush_TellsOnceThatPoliciesChanged()
    {
        List<MeshChange> changes = [];
        _lab.Mesh.Changed += changes.Add;

        _lab.Answer(WireMesh.Policies("1", WireMesh.ResourceOf(WireMesh.Policy(WireMesh.FullMatch()))));
        _lab.Answer(WireMesh.Policies("2")); // nothing in it
        _lab.Answer(RemovingPolicy("shop/deny"));

        Assert.Equal(2, changes.Count);
        Assert.All(changes, static change => Assert.True(change.PoliciesChanged));
    }

    [Fact]
    public void Synced_FirstResponseOfEachType_IsEnoughHoweverBad()
    {
        _lab.Answer(WireMesh.Addresses("1", new Resource { Name = "bad" }));
        _lab.Answer(WireMesh.Addresses("2"));
        Assert.False(_lab.Synced.IsCompleted);

        _lab.Answer(WireMesh.Policies("3"));
        Assert.True(_lab.Synced.IsCompleted);
    }

    [Fact]
    public void Synced_OnDemand_WaitsForPoliciesOnly()
    {
        IntakeLab lab = new(isOnDemand: true);

        lab.Answer(WireMesh.Policies("1"));

        Assert.True(lab.Synced.IsCompleted);
    }

    private static DeltaDiscoveryResponse Removing(params string[] names) =>
        new() { TypeUrl = XdsTypes.Address, Nonce = "r", RemovedResources = { names } };

    private static DeltaDiscoveryResponse RemovingPolicy(string name) =>
        new() { TypeUrl = XdsTypes.Authorization, Nonce = "r", RemovedResources = { name } };

    private static Any Any(byte[] bytes) => new() { TypeUrl = XdsTypes.Address, Value = ByteString.CopyFrom(bytes) };
}
