using Ztunnel.Identity;
using Ztunnel.State;
using static Ztunnel.Tests.State.TestMesh;

namespace Ztunnel.Tests.State;

public sealed class MeshStateTests
{
    private static readonly WorkloadInfo s_cart = new("cart-0", "shop", "cart");

    [Fact]
    public void Apply_Workload_IsFoundByEverythingItHas()
    {
        Workload cart = Cart("c1//Pod/shop/cart-0");
        MeshSnapshot mesh = Snapshot(cart);

        Assert.Same(cart, mesh.FindWorkload(cart.Uid));
        Assert.Same(cart, mesh.FindWorkload(Address("/10.0.0.1")));
        Assert.Same(cart, mesh.FindWorkload(Address("/fd00::1")));
        Assert.Same(cart, mesh.FindWorkload(s_cart));
        Assert.Same(cart, mesh.Workloads.Find(Name("shop/cart.example.org")));
        Assert.Null(mesh.FindWorkload(Address("other/10.0.0.1")));
        Assert.Null(mesh.FindWorkload(s_cart with { Name = "cart-1" }));
        Assert.Null(mesh.FindWorkload(s_cart with { ServiceAccount = "other" }));
        Assert.Equal(1, mesh.Workloads.Count);
    }

    [Fact]
    public void Apply_WorkloadRemoved_IsFoundByNothing()
    {
        var state = new MeshState(null);
        state.Apply(Update(Cart("uid")));

        state.Apply(new MeshUpdate().RemoveWorkload("uid").RemoveWorkload("never-there"));

        Assert.Null(state.Current.FindWorkload("uid"));
        Assert.Null(state.Current.FindWorkload(Address("/10.0.0.1")));
        Assert.Null(state.Current.FindWorkload(s_cart));
        Assert.Null(state.Current.Workloads.Find(Name("shop/cart.example.org")));
        Assert.Empty(state.Current.Workloads.All());
        Assert.Empty(state.Current.Services.Staged());
    }

    [Fact]
    public void Apply_HostNetworkWorkload_IsNotFoundByAddress()
    {
        MeshSnapshot mesh = Snapshot(
            new Workload { Uid = "uid", Addresses = [Ip("10.0.0.1")], NetworkMode = NetworkMode.HostNetwork });

        Assert.NotNull(mesh.FindWorkload("uid"));
        Assert.Null(mesh.FindWorkload(Address("/10.0.0.1")));
    }

    [Fact]
    public void FindByAddress_SeveralWorkloads_TakesTheBestAndAmongEqualsTheLatest()
    {
        string[] worstToBest = ["plain", "plain-hbone", "c//Pod/a/plain", "c//Pod/a/hbone"];
        Workload[] workloads = [.. worstToBest.Select(uid => new Workload
        {
            Uid = uid,
            Addresses = [Ip("10.0.0.1")],
            Protocol = uid.Contains("hbone", StringComparison.Ordinal) ? TunnelProtocol.Hbone : TunnelProtocol.Tcp,
        })];
        var state = new MeshState(null);
        for (int i = 0; i < workloads.Length; i++)
        {
            state.Apply(Update(workloads[i]));
            state.Apply(Update(new Workload { Uid = $"late-{i}", Addresses = [Ip("10.0.0.2")] }));

            Assert.Same(workloads[i], state.Current.FindWorkload(Address("/10.0.0.1")));
            Assert.Equal($"late-{i}", state.Current.FindWorkload(Address("/10.0.0.2"))!.Uid);
        }

        state.Apply(Update(new Workload { Uid = "plain", Addresses = [Ip("10.0.0.1")], Node = "b" })); // the worst, now the latest
        Assert.Same(workloads[3], state.Current.FindWorkload(Address("/10.0.0.1")));
        state.Apply(new MeshUpdate().RemoveWorkload(workloads[3].Uid).RemoveWorkload("late-3"));
        Assert.Same(workloads[2], state.Current.FindWorkload(Address("/10.0.0.1")));
        Assert.Equal("late-2", state.Current.FindWorkload(Address("/10.0.0.2"))!.Uid);
    }

    [Fact]
    public void Apply_OtherNode_IsKnownButNotLocal()
    {
        var state = new MeshState("node-a");
        MeshChange change = state.Apply(Update(Cart("uid", node: "node-b")));

        Assert.NotNull(state.Current.FindWorkload("uid"));
        Assert.Null(state.Current.FindWorkload(s_cart));
        Assert.False(change.Concerns(s_cart));
        Assert.Equal(1, change.ChangedWorkloads);

        change = state.Apply(Update(Cart("uid", node: "node-a")));
        Assert.True(change.Concerns(s_cart));
        Assert.NotNull(state.Current.FindWorkload(s_cart));

        change = state.Apply(Update(Cart("uid", node: "node-b"))); // moved away: the old version is named
        Assert.True(change.Concerns(s_cart));
        Assert.Null(state.Current.FindWorkload(s_cart));
    }

    [Fact]
    public void Apply_WorkloadOfUnknownService_WaitsForIt()
    {
        var state = new MeshState(null);
        state.Apply(Update(Cart("uid")));
        Assert.Equal(Name("shop/cart.svc"), Assert.Single(state.Current.Services.Staged()).Key);

        state.Apply(Update(CartService()));

        Assert.Empty(state.Current.Services.Staged());
        Assert.Equal("uid", state.Current.EndpointsOf(CartService()).Find("uid")!.WorkloadUid);
    }

    [Fact]
    public void Apply_ServiceRemovedAndBack_HasItsEndpointsAgain()
    {
        var state = new MeshState(null);
        state.Apply(Update(Cart("uid"), CartService()));

        state.Apply(new MeshUpdate().RemoveService(Name("shop/cart.svc")).RemoveService(Name("no/such")));
        Assert.Null(state.Current.FindService(Name("shop/cart.svc")));
        Assert.Null(state.Current.FindService(Address("/10.96.0.1"), "shop"));
        Assert.Null(state.Current.Services.Find("cart.svc", null));

        state.Apply(Update(CartService()));
        Assert.Equal(1, state.Current.EndpointsOf(CartService()).Count);
    }

    [Fact]
    public void Apply_UnhealthyEndpoint_ComesBackWhenThePolicyAllowsIt()
    {
        var state = new MeshState(null);
        state.Apply(Update(CartService(), Cart("uid", status: HealthStatus.Unhealthy)));
        Service strict = state.Current.FindService(Name("shop/cart.svc"))!;
        Assert.False(state.Current.EndpointsOf(strict).Find("uid")!.MayServe(strict));

        state.Apply(Update(CartService(HealthPolicy.AllowAll)));

        Service lenient = state.Current.FindService(Name("shop/cart.svc"))!;
        Assert.True(state.Current.EndpointsOf(lenient).Find("uid")!.MayServe(lenient));
    }

    [Fact]
    public void Apply_DeclaredEndpoints_GoWithTheirServiceButNotWorkloadsOwn()
    {
        var state = new MeshState(null);
        Service declaring = new()
        {
            Name = "cart",
            Namespace = "shop",
            Hostname = "cart.svc",
            DeclaredEndpoints =
            [
                new Endpoint("declared", Ports((80, 1)), HealthStatus.Healthy),
                new Endpoint("uid", Ports((80, 2)), HealthStatus.Healthy),
            ],
        };
        state.Apply(Update(declaring));
        state.Apply(Update(Cart("uid")));
        Assert.Equal(2, state.Current.EndpointsOf(declaring).Count);

        state.Apply(new MeshUpdate().RemoveService(declaring.Key));

        Assert.Null(state.Current.EndpointsOf(declaring).Find("declared"));
        Assert.NotNull(state.Current.EndpointsOf(declaring).Find("uid"));
    }

    [Fact]
    public void Apply_ServiceThatDeclaresOtherEndpoints_HasThoseOnly()
    {
        var state = new MeshState(null);
        Service Declaring(params string[] uids) => new()
        {
            Name = "cart",
            Namespace = "shop",
            Hostname = "cart.svc",
            DeclaredEndpoints = [.. uids.Select(uid => new Endpoint(uid, Ports((80, 1)), HealthStatus.Healthy))],
        };
        state.Apply(Update(Declaring("gone", "stays")));

        state.Apply(Update(Declaring("stays", "new")));

        EndpointSet endpoints = state.Current.EndpointsOf(Declaring());
        Assert.Null(endpoints.Find("gone"));
        Assert.NotNull(endpoints.Find("stays"));
        Assert.NotNull(endpoints.Find("new"));
    }

    [Fact]
    public void Apply_OfADecision_SeesWhatIsInForceAndMayChangeNothing()
    {
        var state = new MeshState(null);
        state.Apply(Update(Cart("uid")));
        MeshSnapshot before = state.Current;
        int raised = 0;
        state.Changed += _ => raised++;

        Assert.Null(state.Apply(known => known == before ? new MeshUpdate() : throw new InvalidOperationException()));
        Assert.Same(before, state.Current);
        Assert.Equal(0, raised);

        Assert.NotNull(state.Apply(known => new MeshUpdate().RemoveWorkload(known.Workloads.All().Single().Uid)));
        Assert.Equal(0, state.Current.Workloads.Count);
        Assert.Equal(1, raised);
    }

    [Fact]
    public void Apply_EverythingRemoved_ForgetsWhatWasThere()
    {
        var state = new MeshState(null);
        state.Apply(Update(Cart("old"), CartService(), new Authorization { Name = "p", Namespace = "n" }));

        MeshChange change = state.Apply(
            new MeshUpdate().RemoveWorkload("old").RemoveService(CartService().Key).RemovePolicy("n/p"));

        Assert.True(change.Concerns(s_cart));
        Assert.True(change.PoliciesChanged);
        Assert.True(change.ServicesChanged);
        Assert.Equal(0, state.Current.Workloads.Count + state.Current.Services.Count + state.Current.Policies.Count);
        Assert.Equal(2, state.Current.Version);
    }

    [Fact]
    public void Apply_OlderSnapshotHeld_StaysAsItWas()
    {
        var state = new MeshState(null);
        state.Apply(Update(Cart("uid"), CartService()));
        MeshSnapshot before = state.Current;

        state.Apply(new MeshUpdate().RemoveWorkload("uid").RemoveService(Name("shop/cart.svc")));

        Assert.NotNull(before.FindWorkload("uid"));
        Assert.Equal(1, before.EndpointsOf(CartService()).Count);
        Assert.NotNull(before.FindService(Address("/10.96.0.1"), null));
    }

    [Fact]
    public void Changed_Batch_IsRaisedWithTheNewPicture()
    {
        var state = new MeshState(null);
        MeshChange? seen = null;
        state.Changed += change =>
        {
            Assert.Same(state.Current, change.Snapshot);
            seen = change;
        };

        state.Apply(Update(new Authorization { Name = "p", Namespace = "n" }));
        Assert.True(seen!.PoliciesChanged);
        Assert.False(seen.ServicesChanged);

        state.Apply(Update(CartService()));
        Assert.False(seen.PoliciesChanged);
        Assert.True(seen.ServicesChanged);
        Assert.Empty(seen.LocalWorkloads);
    }

    [Fact]
    public async Task WaitForWorkloadAsync_AlreadyKnown_AnswersAtOnce()
    {
        var state = new MeshState(null);
        state.Apply(Update(Cart("uid")));

        ValueTask<Workload?> wait = state.WaitForWorkloadAsync(s_cart, TimeSpan.FromSeconds(5), TimeProvider.System, default);

        Assert.True(wait.IsCompletedSuccessfully);
        Assert.Equal("uid", (await wait)!.Uid);
    }

    [Fact]
    public async Task FetchAsync_OnDemand_AsksForWhatIsUnknownOnly()
    {
        List<string> asked = [];
        MeshState state = new(null);
        await state.FetchAsync(Address("/10.0.0.99"), default); // not on demand: the state knows all there is
        state.Fetch = (name, _) =>
        {
            asked.Add(name);
            return ValueTask.FromResult(true);
        };
        state.Apply(new MeshUpdate().Set(Cart("uid-0")).Set(CartService()));

        await state.FetchAsync(Address("/10.0.0.1"), default); // a workload's
        await state.FetchAsync(Address("/10.96.0.1"), default); // a service's
        await state.FetchAsync(new NamespacedHostname("other", "cart.svc"), default); // by name, from any namespace
        await state.FetchAsync(Address("net2/10.0.0.1"), default);
        await state.FetchAsync(new NamespacedHostname("shop", "web.svc"), default);

        Assert.Equal(["net2/10.0.0.1", "shop/web.svc"], asked);
    }

    [Fact]
    public async Task WaitForWorkloadAsync_ArrivesLater_AnswersThen()
    {
        var state = new MeshState(null);
        Task<Workload?> wait = state
            .WaitForWorkloadAsync(s_cart, TimeSpan.FromMinutes(1), TimeProvider.System, default).AsTask();

        state.Apply(Update(new Workload { Uid = "other" }));
        Assert.False(wait.IsCompleted);
        state.Apply(Update(Cart("uid")));

        Assert.Equal("uid", (await wait)!.Uid);
    }

    [Fact]
    public async Task WaitForWorkloadAsync_NeverArrives_GivesNull()
    {
        var state = new MeshState(null);

        Assert.Null(await state.WaitForWorkloadAsync(s_cart, TimeSpan.FromMilliseconds(1), TimeProvider.System, default));
    }

    [Fact]
    public async Task WaitForWorkloadAsync_Cancelled_SaysSo()
    {
        var state = new MeshState(null);
        using var cancellation = new CancellationTokenSource();
        Task<Workload?> wait = state
            .WaitForWorkloadAsync(s_cart, TimeSpan.FromMinutes(1), TimeProvider.System, cancellation.Token).AsTask();

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
    }

    [Fact]
    public void Apply_HundredThousandWorkloads_OneMoreChangesLittle()
    {
        var state = new MeshState("node-0");
        var load = new MeshUpdate();
        for (int i = 0; i < 100_000; i++)
        {
            load.Set(Pod(i));
        }

        state.Apply(load);
        state.Apply(Update(Pod(0, revision: "v2"))); // warms up
        long before = GC.GetAllocatedBytesForCurrentThread();
        state.Apply(Update(Pod(50_000, revision: "v2")));
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(100_000, state.Current.Workloads.Count);
        Assert.InRange(allocated, 0, 64 * 1024);
        NetworkAddress address = new("", Ztunnel.Linux.InetAddress.V4(0x0A00_0000 + 77_777));
        before = GC.GetAllocatedBytesForCurrentThread();
        Workload? found = state.Current.FindWorkload(address);
        Service? none = state.Current.FindService(address, "ns");
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal("c1//Pod/ns/pod-77777", found!.Uid);
        Assert.Null(none);

        static Workload Pod(int i, string revision = "v1") => new()
        {
            Uid = $"c1//Pod/ns/pod-{i}",
            CanonicalRevision = revision,
            Name = $"pod-{i}",
            Namespace = "ns",
            ServiceAccount = "default",
            Node = $"node-{i % 1000}",
            Addresses = [Ztunnel.Linux.InetAddress.V4(0x0A00_0000u + (uint)i)],
            Services = [new WorkloadService(new NamespacedHostname("ns", $"svc-{i % 5}"), Ports((80, 8080)))],
        };
    }

    private static Workload Cart(string uid, string node = "", HealthStatus status = HealthStatus.Healthy) => new()
    {
        Uid = uid,
        Name = "cart-0",
        Namespace = "shop",
        ServiceAccount = "cart",
        Hostname = "cart.example.org",
        Addresses = [Ip("10.0.0.1"), Ip("fd00::1")],
        Services = [Serves("shop/cart.svc", (80, 8080))],
        Node = node,
        Status = status,
    };

    private static Service CartService(HealthPolicy health = HealthPolicy.OnlyHealthy) => new()
    {
        Name = "cart",
        Namespace = "shop",
        Hostname = "cart.svc",
        Vips = [Address("/10.96.0.1")],
        Ports = Ports((80, 8080)),
        LoadBalancer = new LoadBalancer { HealthPolicy = health },
    };
}
