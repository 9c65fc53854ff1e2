using Ztunnel.Config;
using Ztunnel.Identity;
using Ztunnel.State;
using static Ztunnel.Tests.State.TestMesh;

namespace Ztunnel.Tests.State;

/// <summary>Health is what changes most: it makes no new version of the workload, and is no part of a snapshot.</summary>
public sealed class WorkloadHealthTests
{
    private const string Uid = "c1//Pod/shop/cart-0";

    private static readonly WorkloadService s_service = Serves("shop/cart.svc", (80, 8080));
    private static readonly Workload s_client = new() { Uid = "c1//Pod/shop/web-0" };

    private static readonly Service s_cart = new()
    {
        Name = "cart",
        Namespace = "shop",
        Hostname = "cart.svc",
        Vips = [Address("/10.96.0.1")],
        Ports = Ports((80, 8080)),
    };

    [Fact]
    public void Apply_OnlyTheHealthIsAnother_ShowsEverywhereAndIsNoNewVersion()
    {
        var state = new MeshState("node-a");
        Workload cart = Pod(Uid);
        state.Apply(Update(s_cart, cart));
        MeshSnapshot before = state.Current;

        MeshChange change = state.Apply(Update(Pod(Uid, isHealthy: false)));

        Assert.Empty(change.LocalWorkloads);
        Assert.Equal(1, change.ChangedWorkloads);
        Assert.Equal(before.Version + 1, state.Current.Version);
        foreach (MeshSnapshot mesh in (MeshSnapshot[])[before, state.Current])
        {
            Assert.Same(cart, mesh.FindWorkload(Uid));
            Assert.Same(cart, mesh.FindWorkload(Address("/10.0.0.1")));
            Assert.Equal(HealthStatus.Unhealthy, mesh.FindWorkload(new WorkloadInfo("cart", "shop", "cart"))!.Status);
            Assert.Equal(HealthStatus.Unhealthy, mesh.EndpointsOf(s_cart).Find(Uid)!.Status);
        }
    }

    [Fact]
    public void Apply_MoreThanTheHealthIsAnother_IsANewVersion()
    {
        var state = new MeshState("node-a");
        state.Apply(Update(s_cart, Pod(Uid)));
        MeshSnapshot before = state.Current;

        Workload moved = Pod(Uid, isHealthy: false, node: "node-b");
        MeshChange change = state.Apply(Update(moved));

        Assert.Equal(HealthStatus.Healthy, before.FindWorkload(Uid)!.Status);
        Assert.Equal(HealthStatus.Healthy, before.EndpointsOf(s_cart).Find(Uid)!.Status);
        Assert.Same(moved, state.Current.FindWorkload(Uid));
        Assert.Equal(HealthStatus.Unhealthy, state.Current.EndpointsOf(s_cart).Find(Uid)!.Status);
        Assert.Equal("node-a", Assert.Single(change.LocalWorkloads).Node);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Apply_HealthSaidSeveralTimesInOneBatch_IsTheLast(bool last)
    {
        foreach (bool first in (bool[])[true, false])
        {
            var state = new MeshState(null);
            state.Apply(Update(Pod(Uid, first)));

            state.Apply(Update(Pod(Uid, !last), Pod(Uid, last), Pod(Uid, last)));
            Assert.Equal(Status(last), state.Current.FindWorkload(Uid)!.Status);

            state.Apply(Update(Pod(Uid, !last), Pod(Uid, first, "node-b"), Pod(Uid, !last, "node-b"), Pod(Uid, last, "node-b")));
            Workload now = state.Current.FindWorkload(Uid)!;
            Assert.Equal((Status(last), "node-b"), (now.Status, now.Node));
        }
    }

    [Fact]
    public void Apply_HealthAndThenNoMore_IsGone()
    {
        var state = new MeshState(null);
        state.Apply(Update(s_cart, Pod(Uid)));

        MeshUpdate update = Update(Pod(Uid, isHealthy: false)).RemoveWorkload(Uid);
        Assert.Equal(Uid, Assert.Single(state.Apply(update).GoneWorkloads).Uid);

        Assert.Null(state.Current.FindWorkload(Uid));
        Assert.Equal(0, state.Current.EndpointsOf(s_cart).Count);
    }

    [Fact]
    public void Apply_HealthOfOne_AllocatesNoMoreAmongAHundredThousandThanAlone()
    {
        long alone = AllocatedByOneChange(workloads: 1);

        Assert.Equal(alone, AllocatedByOneChange(workloads: 100_000));
        Assert.InRange(alone, 1, 2048);
    }

    [Fact]
    public void Apply_HealthOfAWorkloadThatItsServiceAlsoDeclares_IsTheWorkloads()
    {
        var state = new MeshState(null);
        Service declaring = new()
        {
            Name = "cart",
            Namespace = "shop",
            Hostname = "cart.svc",
            DeclaredEndpoints = [new Endpoint(Uid, Ports((80, 1)), HealthStatus.Healthy)],
        };
        state.Apply(Update(Pod(Uid)));
        state.Apply(Update(declaring));

        state.Apply(Update(Pod(Uid, isHealthy: false)));
        Assert.Equal(HealthStatus.Unhealthy, state.Current.EndpointsOf(declaring).Find(Uid)!.Status);

        state.Apply(Update(s_cart));
        Assert.Equal(HealthStatus.Unhealthy, state.Current.EndpointsOf(s_cart).Find(Uid)!.Status);
    }

    // While one looks, it changes: by health alone, or as one goes and another takes its place.
    [Theory]
    [InlineData(1u, false)] // any is a fair choice
    [InlineData(2u, false)] // all are weighed
    [InlineData(1u, true)]
    [InlineData(2u, true)]
    public void Select_AlwaysOneIsHealthy_FindsOneWhateverChangesMeanwhile(uint capacity, bool isReplaced)
    {
        MeshState state = new(localNode: null);
        state.Apply(Turn(0).Set(s_cart));
        using CancellationTokenSource done = new();
        Thread writer = new(() =>
        {
            for (int turn = 1; turn <= 20_001; turn++)
            {
                state.Apply(Turn(turn));
            }

            done.Cancel();
        });
        writer.Start();
        OutboundRouter router = new("", 15008, new ForbiddenPorts(), Random.Shared);
        int missed = 0;
        while (!done.IsCancellationRequested)
        {
            missed += router.Select(state, s_client, Ip("10.0.0.9"), At("10.96.0.1:80")).HasRoute ? 0 : 1;
        }

        writer.Join();
        Assert.Equal(0, missed);
        Assert.Equal("other", router.Select(state, s_client, Ip("10.0.0.9"), At("10.96.0.1:80")).Route!.Destination!.Uid);

        MeshUpdate Turn(int turn) => isReplaced && turn % 2 != 0
            ? Update(Pod("other", capacity: capacity)).RemoveWorkload("one")
            : Update(Pod("one", turn % 2 == 0, capacity: capacity), Pod("other", turn % 2 != 0, capacity: capacity));
    }

    private static long AllocatedByOneChange(int workloads)
    {
        var state = new MeshState("node-b");
        MeshUpdate all = new();
        for (int index = 0; index < workloads; index++)
        {
            all.Set(PodAt(index));
        }

        state.Apply(all);
        long least = long.MaxValue; // the runtime may allocate on this thread too, once
        for (int turn = 0; turn < 6; turn++)
        {
            MeshUpdate change = Update(PodAt(workloads - 1, isHealthy: turn % 2 != 0));
            long before = GC.GetAllocatedBytesForCurrentThread();
            state.Apply(change);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.Equal(Status(turn % 2 != 0), state.Current.FindWorkload($"uid-{workloads - 1}")!.Status);
        }

        return least;

        static Workload PodAt(int index, bool isHealthy = true) =>
            Pod($"uid-{index}", isHealthy, ip: $"10.{index / 62_500}.{index / 250 % 250}.{index % 250}");
    }

    private static HealthStatus Status(bool isHealthy) => isHealthy ? HealthStatus.Healthy : HealthStatus.Unhealthy;

    private static Workload Pod(
        string uid, bool isHealthy = true, string node = "node-a", uint capacity = 1, string ip = "10.0.0.1") => new()
        {
            Uid = uid,
            Name = "cart",
            Namespace = "shop",
            ServiceAccount = "cart",
            Addresses = [Ip(ip)],
            Node = node,
            Capacity = capacity,
            Services = [s_service],
            Status = Status(isHealthy),
        };
}
