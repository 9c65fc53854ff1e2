using Ztunnel.Linux;
using Ztunnel.State;
using static Ztunnel.Tests.State.TestMesh;

namespace Ztunnel.Tests.State;

public sealed class ServiceIndexTests
{
    [Fact]
    public void Find_SharedVip_PrefersOwnNamespaceThenLastCanonicalThenFirst()
    {
        Service first = Make("a", "one");
        Service canonical = Make("b", "two", canonical: true);
        Service laterCanonical = Make("c", "three", canonical: true);
        Service own = Make("d", "four");
        MeshSnapshot mesh = Snapshot(first, canonical, laterCanonical, own);

        Assert.Same(own, mesh.FindService(Address("/10.96.0.1"), "d"));
        Assert.Same(laterCanonical, mesh.FindService(Address("/10.96.0.1"), "z"));
        Assert.Same(laterCanonical, mesh.FindService(Address("/10.96.0.1"), null));
        Assert.Same(first, Snapshot(first, own).FindService(Address("/10.96.0.1"), "z"));
        Assert.Null(mesh.FindService(Address("far/10.96.0.1"), "d"));
    }

    [Fact]
    public void Find_TwoServicesOfOneNamespaceShareAVip_NeitherDisplacesTheOther()
    {
        Service one = Make("a", "one");
        Service two = Make("a", "two");
        var state = new MeshState(null);
        state.Apply(Update(one, two, one, two));
        Assert.Same(one, state.Current.FindService(Address("/10.96.0.1"), "a"));

        state.Apply(new MeshUpdate().RemoveService(one.Key));

        Assert.Same(two, state.Current.FindService(Address("/10.96.0.1"), "a"));
    }

    [Fact]
    public void Find_SharedHostname_PrefersOwnNamespace()
    {
        Service one = Make("a", "same.example.org");
        Service two = Make("b", "same.example.org");
        MeshSnapshot mesh = Snapshot(one, two);

        Assert.Same(two, mesh.Services.Find("same.example.org", "b"));
        Assert.Same(one, mesh.Services.Find("same.example.org", "c"));
        Assert.Equal(2, mesh.Services.Sharing("same.example.org").Count);
        Assert.Same(two, mesh.Services.Sharing("same.example.org")[1]);
        Assert.Null(mesh.Services.Find("other.example.org", "b"));
    }

    [Fact]
    public void Find_InvisibleService_FallsThroughToRangesAndThenToNothing()
    {
        Service hidden = Make("a", "hidden", visibility: ServiceVisibility.Namespace);
        Service ranged = Make("b", "ranged", vip: null, cidr: "10.96.0.0/16");
        MeshSnapshot mesh = Snapshot(hidden, ranged);

        Assert.Same(hidden, mesh.FindService(Address("/10.96.0.1"), "a"));
        Assert.Same(ranged, mesh.FindService(Address("/10.96.0.1"), "z"));
        Assert.Same(hidden, mesh.FindService(Address("/10.96.0.1"), null));
        Assert.Null(mesh.FindService(Address("/10.97.0.1"), "z"));
        Assert.Same(hidden, mesh.FindService(hidden.Key));
    }

    [Fact]
    public void Set_VipsChanged_OldOnesAreForgotten()
    {
        var state = new MeshState(null);
        state.Apply(Update(Make("a", "one", vip: "/10.96.0.1", cidr: "10.1.0.0/16")));

        state.Apply(Update(Make("a", "one", vip: "/10.96.0.2", cidr: "10.2.0.0/16")));

        Assert.Null(state.Current.FindService(Address("/10.96.0.1"), null));
        Assert.Null(state.Current.FindService(Address("/10.1.0.1"), null));
        Assert.NotNull(state.Current.FindService(Address("/10.96.0.2"), null));
        Assert.NotNull(state.Current.FindService(Address("/10.2.0.1"), null));
    }

    [Fact]
    public void Set_SameRangesAgain_LookupsSeeTheNewVersion()
    {
        var state = new MeshState(null);
        state.Apply(Update(Make("a", "one", vip: null, cidr: "10.1.0.0/16")));
        Service newer = Make("a", "one", vip: null, cidr: "10.1.0.0/16");

        state.Apply(Update(newer));
        Assert.Same(newer, state.Current.FindService(Address("/10.1.0.1"), null));

        state.Apply(new MeshUpdate().RemoveService(newer.Key));
        Assert.Null(state.Current.FindService(Address("/10.1.0.1"), null));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void FindByRange_RandomServices_AgreesWithLookingAtAll(int seed)
    {
        var random = new Random(seed);
        var state = new MeshState(null);
        for (int round = 0; round < 300; round++)
        {
            Service service = RandomService(random);
            state.Apply(random.Next(4) == 0 ? new MeshUpdate().RemoveService(service.Key) : Update(service));
            var address = new NetworkAddress("", RandomAddress(random));
            string? client = random.Next(4) == 0 ? null : $"ns{random.Next(3)}";
            Service? found = state.Current.FindService(address, client);
            Service? expected = BestByLookingAtAll(state.Current.Services.All(), address, client);
            Assert.Equal(RankOf(expected, address, client), RankOf(found, address, client));
        }
    }

    private static Service? BestByLookingAtAll(IEnumerable<Service> services, NetworkAddress address, string? client) =>
        services.OrderByDescending(service => RankOf(service, address, client))
            .FirstOrDefault(service => RankOf(service, address, client) != (false, -1, false));

    private static (bool Own, int Prefix, bool Canonical) RankOf(Service? service, NetworkAddress address, string? client)
    {
        int prefix = service is null || !service.IsVisibleTo(client) ? -1 : service.CidrVips
            .Where(vip => vip.Network == address.Network && vip.Cidr.Contains(address.Address))
            .Select(vip => vip.Cidr.PrefixLength).DefaultIfEmpty(-1).Max();
        return prefix < 0 ? (false, -1, false) : (service!.Namespace == client, prefix, service.Canonical);
    }

    private static Service RandomService(Random random) => new()
    {
        Name = "s",
        Namespace = $"ns{random.Next(3)}",
        Hostname = $"host{random.Next(20)}",
        Canonical = random.Next(2) == 0,
        Visibility = random.Next(4) == 0 ? ServiceVisibility.Namespace : ServiceVisibility.Public,
        CidrVips = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => RandomRange(random))],
    };

    private static NetworkCidr RandomRange(Random random)
    {
        InetAddress address = RandomAddress(random);
        return new NetworkCidr("", new Cidr(address, address.IsV4 ? random.Next(24, 33) : random.Next(120, 129)));
    }

    private static InetAddress RandomAddress(Random random) => random.Next(2) == 0
        ? InetAddress.V4(0x0A00_0000u + (uint)random.Next(64))
        : InetAddress.V6((UInt128)random.Next(64));

    private static Service Make(
        string @namespace, string hostname, string? vip = "/10.96.0.1", string? cidr = null, bool canonical = false,
        ServiceVisibility visibility = ServiceVisibility.Public) => new()
        {
            Name = hostname,
            Namespace = @namespace,
            Hostname = hostname,
            Vips = vip is null ? [] : [Address(vip)],
            CidrVips = cidr is null ? [] : [new NetworkCidr("", Cidr.TryParse(cidr, out Cidr range) ? range : default)],
            Canonical = canonical,
            Visibility = visibility,
        };
}
