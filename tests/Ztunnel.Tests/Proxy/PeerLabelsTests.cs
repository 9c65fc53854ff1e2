using Ztunnel.Hbone;
using Ztunnel.Identity;
using Ztunnel.Proxy;
using Ztunnel.State;
using Ztunnel.Telemetry;

namespace Ztunnel.Tests.Proxy;

public sealed class PeerLabelsTests
{
    private static readonly SpiffeId s_id = new("td", "ns", "sa");

    private readonly PeerLabels _labels = new();

    [Fact]
    public void Source_PrincipalIsTheProvenOneOnly()
    {
        Workload workload = NewWorkload("w");

        Assert.Equal(TrafficPeer.UnknownText, _labels.Source(workload, principal: null).Principal);
        Assert.Equal(s_id.ToString(), _labels.Source(workload, s_id).Principal);
        Assert.Equal(workload.Identity.ToString(), _labels.Destination(workload).Principal);
    }

    [Fact]
    public void Source_SameVersion_IsTheSameObjectAndAnotherVersionIsNot()
    {
        Workload workload = NewWorkload("w");

        Assert.Same(_labels.Source(workload, s_id), _labels.Source(workload, s_id));
        Assert.NotSame(_labels.Source(workload, s_id), _labels.Source(NewWorkload("w"), s_id));
    }

    [Fact]
    public void Derived_Nothing_IsUnknownThroughout() =>
        Assert.Equal(TrafficPeer.Unknown, PeerLabels.Derived(baggage: null, principal: null));

    [Fact]
    public void Derived_Baggage_NeverSetsThePrincipal()
    {
        TrafficPeer peer = PeerLabels.Derived(
            new Baggage { WorkloadName = "w", ServiceName = "s", Namespace = "n" }, principal: null);

        Assert.Equal(("w", "s", "n", "w"), (peer.Workload, peer.CanonicalService, peer.Namespace, peer.App));
        Assert.Equal(TrafficPeer.UnknownText, peer.Principal);
    }

    [Fact]
    public void Derived_NameNobodyCanHave_IsUnknown()
    {
        TrafficPeer peer = PeerLabels.Derived(
            new Baggage { WorkloadName = new string('w', 254), Namespace = new string('n', 253) }, s_id);

        Assert.Equal((TrafficPeer.UnknownText, 253), (peer.Workload, peer.Namespace.Length));
    }

    [Fact]
    public void Of_NoService_IsNone() => Assert.Same(TrafficService.None, _labels.Of(null));

    [Fact]
    public void Source_MoreWorkloadsThanAreKept_StaysRight()
    {
        for (int at = 0; at < 10_000; at++)
        {
            Assert.Equal($"w{at}", _labels.Source(NewWorkload($"w{at}"), s_id).Workload);
        }
    }

    private static Workload NewWorkload(string name) => new()
    {
        Uid = name,
        WorkloadName = name,
        Namespace = "ns",
        TrustDomain = "td",
        ServiceAccount = "account",
    };
}
