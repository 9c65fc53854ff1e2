using Ztunnel.Certificates;
using Ztunnel.State;
using Ztunnel.Tls;

namespace Ztunnel.Tests.Certificates;

public sealed class CertificatePrefetchTests : IAsyncLifetime
{
    private readonly StoreFixture _fixture = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _fixture.DisposeAsync();

    [Fact]
    public void OnChanged_LocalHboneWorkloads_AreFetched()
    {
        MeshState state = Watch("node-a");

        state.Apply(new MeshUpdate()
            .Set(Workload("1", "hbone", TunnelProtocol.Hbone))
            .Set(Workload("2", "native", native: true))
            .Set(Workload("3", "plain"))
            .Set(Workload("4", "elsewhere", TunnelProtocol.Hbone, node: "node-b")));

        Assert.Equal(["hbone", "native"], Known());
    }

    [Fact]
    public void OnChanged_LastWorkloadOfAnIdentityLeaves_IsForgotten()
    {
        MeshState state = Watch("node-a");
        state.Apply(new MeshUpdate()
            .Set(Workload("1", "cart", TunnelProtocol.Hbone))
            .Set(Workload("2", "cart", TunnelProtocol.Hbone)));

        state.Apply(new MeshUpdate().RemoveWorkload("1"));
        Assert.Equal(["cart"], Known());
        state.Apply(new MeshUpdate().Set(Workload("2", "cart", TunnelProtocol.Hbone))); // a replacement
        Assert.Equal(["cart"], Known());
        state.Apply(new MeshUpdate().RemoveWorkload("2"));

        Assert.Empty(Known());
    }

    [Fact]
    public async Task OnChanged_ReplacedByAnotherOfTheIdentity_KeepsTheCertificate()
    {
        MeshState state = Watch("node-a");
        Workload cart = Workload("1", "cart", TunnelProtocol.Hbone);
        state.Apply(new MeshUpdate().Set(cart));
        (await _fixture.Authority.NextCallAsync()).Sign();
        WorkloadTls before = await _fixture.GetAsync(cart.Identity);

        Workload labelled = Workload("1", "cart", TunnelProtocol.Hbone, native: true);
        state.Apply(new MeshUpdate().Set(labelled));

        Assert.Same(labelled, state.Current.FindWorkload("1"));
        Assert.Same(before, await _fixture.GetAsync(cart.Identity));
    }

    [Fact]
    public void OnChanged_NodeUnknown_FetchesNothing()
    {
        MeshState state = Watch(null);

        state.Apply(new MeshUpdate().Set(Workload("1", "cart", TunnelProtocol.Hbone)));

        Assert.Empty(Known());
    }

    [Fact]
    public void OnChanged_BeforeTheBeginning_IsHeldUntilThen()
    {
        MeshState state = new("node-a");
        CertificatePrefetch prefetch = new("node-a", _fixture.Store);
        state.Changed += prefetch.OnChanged;
        state.Apply(new MeshUpdate()
            .Set(Workload("1", "cart", TunnelProtocol.Hbone))
            .Set(Workload("2", "gone", TunnelProtocol.Hbone)));
        state.Apply(new MeshUpdate().RemoveWorkload("2"));
        Assert.Empty(Known());

        prefetch.Begin();
        Assert.Equal(["cart"], Known());
        prefetch.Begin(); // every report of readiness says so
        state.Apply(new MeshUpdate().Set(Workload("3", "late", TunnelProtocol.Hbone)));

        Assert.Equal(["cart", "late"], Known());
    }

    private MeshState Watch(string? node)
    {
        MeshState state = new(node);
        CertificatePrefetch prefetch = new(node, _fixture.Store);
        state.Changed += prefetch.OnChanged;
        prefetch.Begin();
        return state;
    }

    private string[] Known() => [.. _fixture.Store.List().Select(static status => status.Identity.ServiceAccount)];

    private static Workload Workload(
        string uid,
        string serviceAccount,
        TunnelProtocol protocol = default,
        bool native = false,
        string node = "node-a") =>
        new()
        {
            Uid = uid,
            Name = $"pod-{uid}",
            Namespace = "shop",
            ServiceAccount = serviceAccount,
            TrustDomain = "cluster.local",
            Protocol = protocol,
            NativeTunnel = native,
            Node = node,
        };
}
