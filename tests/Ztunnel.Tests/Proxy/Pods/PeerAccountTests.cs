using Ztunnel.Linux;
using Ztunnel.Proxy.Pods;

namespace Ztunnel.Tests.Proxy.Pods;

public sealed class PeerAccountTests
{
    private readonly PeerAccount _account = new(InetAddress.LoopbackV4);

    [Fact]
    public void TryQueue_MoreThanMayWait_IsRefusedUntilOneHasHadItsTurn()
    {
        for (int i = 0; i < PeerAccount.MaxQueued; i++)
        {
            Assert.True(_account.TryQueue());
        }

        Assert.False(_account.TryQueue());
        _account.Dequeue();

        Assert.True(_account.TryQueue());
        Assert.Equal(PeerAccount.MaxQueued, _account.Queued);
    }

    [Fact]
    public void TryBeginHandshake_MoreThanMayBeUnderWay_IsRefusedUntilOneIsOver()
    {
        for (int i = 0; i < PeerAccount.MaxHandshakes; i++)
        {
            Assert.True(_account.TryBeginHandshake());
        }

        Assert.False(_account.TryBeginHandshake());
        _account.EndHandshake();

        Assert.True(_account.TryBeginHandshake());
    }
}
