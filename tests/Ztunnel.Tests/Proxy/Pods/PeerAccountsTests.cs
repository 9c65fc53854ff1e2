using Ztunnel.Linux;
using Ztunnel.Proxy.Pods;

namespace Ztunnel.Tests.Proxy.Pods;

public sealed class PeerAccountsTests
{
    private static readonly InetAddress s_peer = InetAddress.Parse("10.0.0.1");

    private readonly PeerAccounts _accounts = new();

    [Fact]
    public void Take_SamePeer_SharesOneAccountUntilTheLastReturn()
    {
        PeerAccount first = _accounts.Take(s_peer);
        PeerAccount second = _accounts.Take(s_peer);
        Assert.Same(first, second);

        _accounts.Return(first);
        Assert.Same(first, _accounts.Take(s_peer));
        _accounts.Return(first);
        _accounts.Return(second);

        Assert.Equal(0, _accounts.Count);
        Assert.NotSame(first, _accounts.Take(s_peer));
    }

    [Fact]
    public void Take_OtherPeer_HasItsOwn()
    {
        Assert.NotSame(_accounts.Take(s_peer), _accounts.Take(InetAddress.Parse("10.0.0.2")));
        Assert.Equal(2, _accounts.Count);
    }

    [Fact]
    public void TryBeginHandshake_AtTheLimit_RefusesUntilOneEnds()
    {
        PeerAccount account = _accounts.Take(s_peer);
        for (int handshake = 0; handshake < PeerAccount.MaxHandshakes; handshake++)
        {
            Assert.True(account.TryBeginHandshake());
        }

        Assert.False(account.TryBeginHandshake());
        account.EndHandshake();
        Assert.True(account.TryBeginHandshake());
    }
}
