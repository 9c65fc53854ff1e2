using System.Reflection;
using Ztunnel.Linux;
using Ztunnel.State;
using static Ztunnel.Tests.State.TestMesh;

namespace Ztunnel.Tests.State;

public sealed class WorkloadTests
{
    // By type: values that no workload starts with, no two the same, made anew every time.
    private static readonly Dictionary<Type, Func<object>[]> s_others = new()
    {
        [typeof(string)] = [static () => new string('x', 3), static () => new string('y', 3)],
        [typeof(bool)] = [static () => true],
        [typeof(uint)] = [static () => 7u, static () => 0u],
        [typeof(string[])] = [static () => (string[])["shop/a"], static () => (string[])["shop/b"]],
        [typeof(InetAddress[])] =
            [static () => (InetAddress[])[Ip("10.0.0.1")], static () => (InetAddress[])[Ip("::ffff:10.0.0.1")]],
        [typeof(TunnelProtocol)] = [static () => TunnelProtocol.Hbone],
        [typeof(NetworkMode)] = [static () => NetworkMode.HostNetwork],
        [typeof(GatewayAddress)] =
        [
            static () => Gateway("shop/waypoint"),
            static () => Gateway("shop/waypoint", 15009),
            static () => Gateway("shop/other"),
            static () => Gateway("/10.0.0.1"),
            static () => Gateway("net/10.0.0.1"),
        ],
        [typeof(ApplicationTunnel)] =
        [
            static () => new ApplicationTunnel(ApplicationTunnelProtocol.Proxy, 80),
            static () => new ApplicationTunnel(ApplicationTunnelProtocol.Proxy, null),
            static () => new ApplicationTunnel(ApplicationTunnelProtocol.None, 80),
        ],
        [typeof(Locality)] = [static () => new Locality("region", "zone", ""), static () => new Locality("region", "zone", "rack")],
        [typeof(WorkloadService[])] =
        [
            static () => (WorkloadService[])[Serves("shop/cart.svc")],
            static () => (WorkloadService[])[Serves("shop/web.svc")],
            static () => (WorkloadService[])[Serves("shop/cart.svc"), Serves("shop/web.svc")],
        ],
    };

    public static TheoryData<string> Properties() => [.. Said().Select(static property => property.Name)];

    // Whatever a workload may say one day: what is forgotten in the comparison would be an update that is lost.
    [Theory]
    [MemberData(nameof(Properties))]
    public void IsLike_OnePropertyDiffers_IsNot(string name)
    {
        PropertyInfo property = Said().Single(said => said.Name == name);
        Workload[] all = [new() { Uid = "uid" }, .. s_others[property.PropertyType].Select(value => With(property, value()))];

        for (int left = 0; left < all.Length; left++)
        {
            for (int right = 0; right < all.Length; right++)
            {
                Assert.Equal(left == right, all[left].IsLike(all[right]));
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void IsLike_SameInOtherObjects_Is(int value)
    {
        Workload left = Full(value, HealthStatus.Healthy);
        Workload right = Full(value, HealthStatus.Unhealthy);

        Assert.True(left.IsLike(right));
        Assert.NotSame(left.Addresses, right.Addresses);
    }

    // StaticConfig knows its own by the reference.
    [Fact]
    public void IsLike_FromADocument_IsNever()
    {
        Workload document = new() { Uid = "uid", IsOfDocument = true };

        Assert.False(document.IsLike(new Workload { Uid = "uid" }));
        Assert.False(new Workload { Uid = "uid" }.IsLike(document));
        Assert.False(document.IsLike(new Workload { Uid = "uid", IsOfDocument = true }));
    }

    private static Workload With(PropertyInfo property, object value)
    {
        Workload workload = new() { Uid = "uid" };
        property.SetValue(workload, value);
        return workload;
    }

    private static Workload Full(int value, HealthStatus status)
    {
        Workload workload = new() { Uid = "uid", Status = status };
        foreach (PropertyInfo property in Said())
        {
            Func<object>[] values = s_others[property.PropertyType];
            property.SetValue(workload, values[Math.Min(value, values.Length - 1)]());
        }

        return workload;
    }

    private static IEnumerable<PropertyInfo> Said() => typeof(Workload).GetProperties()
        .Where(static property => property.CanWrite && property.Name is not (nameof(Workload.Status) or nameof(Workload.IsOfDocument)));
}
