using System.Reflection;
using Ztunnel.State;
using static Ztunnel.Tests.State.TestMesh;

namespace Ztunnel.Tests.State;

public sealed class WorkloadTests
{
    private static readonly WorkloadService s_service = Serves("shop/cart.svc", (80, 8080));

    // By type: a value that no workload starts with, made anew every time.
    private static readonly Dictionary<Type, Func<object>> s_others = new()
    {
        [typeof(string)] = static () => new string('x', 3),
        [typeof(bool)] = static () => true,
        [typeof(uint)] = static () => 7u,
        [typeof(string[])] = static () => (string[])["shop/policy"],
        [typeof(Ztunnel.Linux.InetAddress[])] = static () => (Ztunnel.Linux.InetAddress[])[Ip("10.0.0.1")],
        [typeof(TunnelProtocol)] = static () => TunnelProtocol.Hbone,
        [typeof(NetworkMode)] = static () => NetworkMode.HostNetwork,
        [typeof(GatewayAddress)] = static () => Gateway("shop/waypoint"),
        [typeof(ApplicationTunnel)] = static () => new ApplicationTunnel(ApplicationTunnelProtocol.Proxy, 80),
        [typeof(Locality)] = static () => new Locality("region", "zone", ""),
        [typeof(WorkloadService[])] = static () => (WorkloadService[])[s_service],
    };

    public static TheoryData<string> Properties() => [.. Said().Select(static property => property.Name)];

    // Whatever a workload may say one day: what is forgotten in the comparison would be an update that is lost.
    [Theory]
    [MemberData(nameof(Properties))]
    public void IsLike_OnePropertyDiffers_IsNot(string name)
    {
        PropertyInfo property = Said().Single(said => said.Name == name);
        Workload changed = new() { Uid = "uid" };
        property.SetValue(changed, s_others[property.PropertyType]());

        Assert.False(changed.IsLike(new Workload { Uid = "uid" }));
        Assert.False(new Workload { Uid = "uid" }.IsLike(changed));
    }

    [Fact]
    public void IsLike_SameInOtherObjects_Is()
    {
        Workload left = Full(HealthStatus.Healthy);
        Workload right = Full(HealthStatus.Unhealthy);

        Assert.True(left.IsLike(right));
        Assert.True(left.IsLike(left));
        Assert.NotSame(left.Addresses, right.Addresses);
    }

    private static Workload Full(HealthStatus status)
    {
        Workload workload = new() { Uid = "uid", Status = status };
        foreach (PropertyInfo property in Said())
        {
            property.SetValue(workload, s_others[property.PropertyType]());
        }

        return workload;
    }

    private static IEnumerable<PropertyInfo> Said() => typeof(Workload).GetProperties()
        .Where(static property => property.CanWrite && property.Name != nameof(Workload.Status));
}
