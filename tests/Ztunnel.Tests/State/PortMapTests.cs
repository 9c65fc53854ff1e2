using Ztunnel.State;
using static Ztunnel.Tests.State.TestMesh;

namespace Ztunnel.Tests.State;

public sealed class PortMapTests
{
    [Fact]
    public void From_AnyOrder_IsAscendingWithTheLastTargetOfEach()
    {
        PortMap ports = Ports((443, 1), (80, 2), (443, 3), (8080, 0));

        Assert.Equal([new(80, 2), new(443, 3), new(8080, 0)], ports.Mappings.ToArray());
        Assert.Same(PortMap.Empty, Ports());
    }

    [Fact]
    public void From_SamePortTwiceInARow_HasTheLastTarget() =>
        Assert.Equal([new PortMapping(80, 2)], Ports((80, 1), (80, 2)).Mappings.ToArray());

    [Fact]
    public void Equals_IsByWhatItSays()
    {
        Assert.Equal(Ports((80, 1), (443, 2)), Ports((443, 2), (80, 1)));
        Assert.Equal(Ports((80, 1), (443, 2)).GetHashCode(), Ports((443, 2), (80, 1)).GetHashCode());
        Assert.NotEqual(Ports((80, 1)), Ports((80, 2)));
        Assert.NotEqual(Ports((80, 1)), Ports((80, 1), (81, 1)));
        Assert.False(Ports((80, 1)).Equals(null));
    }

    // Whoever writes the resources may give every service a port of its own, on itself.
    [Fact]
    public void GetHashCode_PortsOnThemselves_AreSpread()
    {
        IEnumerable<int> hashes = Enumerable.Range(1, 60_000)
            .Select(static port => Ports(((ushort)port, (ushort)port)).GetHashCode());

        Assert.InRange(hashes.Distinct().Count(), 59_000, 60_000);
    }
}
