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

    [Fact]
    public void DelayFailure_FewAreAtOnceAndAFloodWaitsItsTurn()
    {
        PeerAccount account = new(InetAddress.LoopbackV4);
        const long Now = 1_000_000;

        Assert.All(Enumerable.Range(0, 400), _ => Assert.Equal(TimeSpan.Zero, account.DelayFailure(Now)));
        TimeSpan[] late = [.. Enumerable.Range(0, 600).Select(_ => account.DelayFailure(Now))];

        Assert.InRange(late[^1], TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(2.5));
        Assert.Equal(TimeSpan.Zero, account.DelayFailure(Now + 10_000));
    }
}
