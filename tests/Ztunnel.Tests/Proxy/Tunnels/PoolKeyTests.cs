using Ztunnel.Identity;
using Ztunnel.Linux;
using Ztunnel.Proxy.Tunnels;

namespace Ztunnel.Tests.Proxy.Tunnels;

/// <summary>Whoever differs in any part of the key must not share a tunnel.</summary>
public sealed class PoolKeyTests
{
    private static readonly SpiffeId s_own = new("td", "ns", "own");
    private static readonly SpiffeId s_peer = new("td", "ns", "peer");
    private static readonly SpiffeId s_other = new("td", "ns", "other");
    private static readonly InetEndpoint s_target = new(InetAddress.Parse("10.0.0.1"), 15008);
    private static readonly InetAddress s_source = InetAddress.Parse("10.0.0.2");

    [Fact]
    public void Equals_SameParts_IsTheSameHoweverTheListWasMade()
    {
        PoolKey one = new(s_own, [s_peer, s_other], s_target, s_source);
        PoolKey two = new(new SpiffeId("td", "ns", "own"), [new SpiffeId("td", "ns", "peer"), s_other], s_target, s_source);

        Assert.Equal(one, two);
        Assert.Equal(one.GetHashCode(), two.GetHashCode());
    }

    [Fact]
    public void Equals_AnyPartDiffers_IsAnother()
    {
        PoolKey key = new(s_own, [s_peer, s_other], s_target, s_source);
        PoolKey[] others =
        [
            new(s_other, [s_peer, s_other], s_target, s_source),
            new(s_own, [s_other, s_peer], s_target, s_source),
            new(s_own, [s_peer], s_target, s_source),
            new(s_own, [], s_target, s_source),
            new(s_own, [s_peer, s_other], new InetEndpoint(s_target.Address, 15009), s_source),
            new(s_own, [s_peer, s_other], new InetEndpoint(InetAddress.Parse("10.0.0.3"), 15008), s_source),
            new(s_own, [s_peer, s_other], s_target, InetAddress.Parse("10.0.0.4")),
            new(s_own, [s_peer, s_other], s_target, InetAddress.Parse("::ffff:10.0.0.2")),
        ];

        Assert.All(others, other => Assert.NotEqual(key, other));
        Assert.False(key.Equals((object?)null));
    }
}
