using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Ztunnel.Protos.Discovery;
using Ztunnel.Xds;
using Wire = Ztunnel.Protos.Workloads;

namespace Ztunnel.Tests.Xds;

public sealed class XdsRequestsTests
{
    private const string SecretType = "type.googleapis.com/secret";

    private readonly RecordingHandler _handler = new();

    [Fact]
    public void Open_FirstStream_AsksForEverythingInOrder()
    {
        Queue<DeltaDiscoveryRequest> sent = new IntakeLab().Connect();

        Assert.Equal(
            [
                new DeltaDiscoveryRequest { Node = new Node { Id = "node" }, TypeUrl = XdsTypes.Address },
                new DeltaDiscoveryRequest { Node = new Node { Id = "node" }, TypeUrl = XdsTypes.Authorization },
            ],
            sent);
    }

    [Fact]
    public void Open_OnDemand_SubscribesToNothing()
    {
        DeltaDiscoveryRequest first = new IntakeLab(isOnDemand: true).Connect().Dequeue();

        Assert.Equal(["*"], first.ResourceNamesSubscribe);
        Assert.Equal(["*"], first.ResourceNamesUnsubscribe);
        Assert.Empty(first.InitialResourceVersions);
    }

    [Fact]
    public void Open_NextStream_SaysWhatIsKnown()
    {
        IntakeLab lab = new();
        lab.Connect();
        lab.Answer(WireMesh.Addresses("1", WireMesh.Pod("a", "10.0.0.1", "v1"), WireMesh.Pod("b", "10.0.0.2", "v2")));
        lab.Answer(WireMesh.Policies("2", WireMesh.ResourceOf(WireMesh.Policy())));
        Resource refused = WireMesh.ResourceOf(
            new Wire.Workload { Uid = "c1//Pod/shop/a", Addresses = { ByteString.CopyFrom(1) } }, "v3");
        lab.Answer(WireMesh.Addresses("3", refused, new Resource { Name = "never-good", Version = "v4" }));
        lab.Answer(new DeltaDiscoveryResponse
        {
            TypeUrl = XdsTypes.Address,
            RemovedResources = { "c1//Pod/shop/b", "unknown" },
        });
        lab.Disconnect();

        Queue<DeltaDiscoveryRequest> sent = lab.Connect();

        Assert.Equal("v1", Assert.Single(sent.Dequeue().InitialResourceVersions, Named("c1//Pod/shop/a")).Value);
        Assert.Equal("", Assert.Single(sent.Dequeue().InitialResourceVersions, Named("shop/deny")).Value);

        static Predicate<KeyValuePair<string, string>> Named(string name) => entry => entry.Key == name;
    }

    [Fact]
    public void Open_BriefBecauseItHadTo_KnowsWhatHasNotComeAgain()
    {
        IntakeLab lab = new();
        Resource[] mesh = [.. Enumerable.Range(0, 20_000).Select(at =>
            WireMesh.ResourceOf(WireMesh.LongNamed(at)))];
        lab.Answer(WireMesh.Addresses("1", mesh));
        Assert.Equal(20_000, lab.Connect().Dequeue().InitialResourceVersions.Count);
        Assert.False(lab.HasUnconfirmed);

        lab.BeBrief();
        Assert.Empty(lab.Connect().Dequeue().InitialResourceVersions);
        Resource refused = new() { Name = mesh[1].Name };
        lab.Answer(WireMesh.Addresses("2", [refused, .. mesh[2..]]));
        Assert.True(lab.HasUnconfirmed);
        lab.Sweep();

        Assert.False(lab.HasUnconfirmed);
        Assert.Null(lab.Mesh.Current.FindWorkload(mesh[0].Name));
        Assert.NotNull(lab.Mesh.Current.FindWorkload(mesh[1].Name)); // refused, so it is there
        Assert.Equal(19_999, lab.Mesh.Current.Workloads.Count);
    }

    [Fact]
    public void Open_BriefAndAResourceThatCannotBeRead_ForgetsNothing()
    {
        IntakeLab lab = new();
        Resource[] mesh = [.. Enumerable.Range(0, 20_000).Select(at => WireMesh.ResourceOf(WireMesh.LongNamed(at)))];
        lab.Answer(WireMesh.Addresses("1", mesh));
        lab.BeBrief();
        lab.Connect();

        lab.Answer([.. WireMesh.Addresses("2", mesh[2..]).ToByteArray(), 0x12, 0x02, 0x1a, 0x7f]);

        Assert.False(lab.HasUnconfirmed); // it may be any of those that have not come
        lab.Sweep();
        Assert.Equal(20_000, lab.Mesh.Current.Workloads.Count);
    }

    [Fact]
    public void Open_BriefWithASmallMesh_SaysWhatIsKnown()
    {
        IntakeLab lab = new();
        lab.Answer(WireMesh.Addresses("1", WireMesh.Pod("a", "10.0.0.1")));

        lab.BeBrief();

        Assert.Single(lab.Connect().Dequeue().InitialResourceVersions);
    }

    [Fact]
    public void Subscribe_OnALiveStream_AsksAtOnceAndTellsTheNodeOnce()
    {
        IntakeLab lab = new();
        XdsSubscription secrets = lab.Register(SecretType, _handler);
        Assert.Equal(2, lab.Connect().Count); // an empty request would ask for all secrets

        lab.Subscribe(secrets, "one");
        lab.Subscribe(secrets, "one");
        lab.Subscribe(secrets, "two");
        lab.Unsubscribe(secrets, "one");
        lab.Unsubscribe(secrets, "never");

        Assert.Equal(
            [
                new DeltaDiscoveryRequest
                {
                    Node = new Node { Id = "node" }, TypeUrl = SecretType, ResourceNamesSubscribe = { "one" },
                },
                new DeltaDiscoveryRequest { TypeUrl = SecretType, ResourceNamesSubscribe = { "two" } },
                new DeltaDiscoveryRequest { TypeUrl = SecretType, ResourceNamesUnsubscribe = { "one" } },
            ],
            lab.Sent());
    }

    [Fact]
    public void Subscribe_BetweenStreams_IsAskedByTheNext()
    {
        IntakeLab lab = new();
        XdsSubscription secrets = lab.Register(SecretType, _handler);
        lab.Subscribe(secrets, "early");
        lab.Connect();
        lab.Answer(Secret("early", "v1"));
        lab.Disconnect();
        lab.Subscribe(secrets, "late");

        DeltaDiscoveryRequest request = lab.Connect().Last();

        Assert.Equal(["early", "late"], request.ResourceNamesSubscribe.Order());
        Assert.Equal("v1", Assert.Single(request.InitialResourceVersions).Value);
        Assert.NotNull(request.Node);
    }

    [Fact]
    public void Answer_NamedResources_ReachTheirHandler()
    {
        IntakeLab lab = new();
        XdsSubscription secrets = lab.Register(SecretType, _handler);
        lab.Subscribe(secrets, "good");
        lab.Subscribe(secrets, "bad");
        lab.Connect();

        DeltaDiscoveryResponse response = Secret("good", "v1");
        response.Resources.Add(Secret("bad", "v2").Resources);
        response.Resources.Add(Secret("uninvited", "v3").Resources);
        response.RemovedResources.Add(["good", "also uninvited"]);
        DeltaDiscoveryRequest answer = lab.Answer(response);

        Assert.Equal("bad: no good", answer.ErrorDetail.Message);
        Assert.Equal(["good v1 good", "bad v2 bad", "removed good"], _handler.Events);
        lab.Disconnect();
        Assert.Empty(lab.Connect().Last().InitialResourceVersions);
    }

    private static DeltaDiscoveryResponse Secret(string name, string version) => new()
    {
        TypeUrl = SecretType,
        Nonce = "s",
        Resources =
        {
            new Resource
            {
                Name = name,
                Version = version,
                Resource_ = new Any { TypeUrl = SecretType, Value = ByteString.CopyFromUtf8(name) },
            },
        },
    };
}
