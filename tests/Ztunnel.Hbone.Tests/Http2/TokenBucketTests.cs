using Ztunnel.Hbone.Http2;

namespace Ztunnel.Hbone.Tests.Http2;

public sealed class TokenBucketTests
{
    private static readonly BucketLimit Limit = new(10, 2);

    [Fact]
    public void TryTake_BurstThenRate_IsWhatTheLimitSays()
    {
        TokenBucket bucket = TokenBucket.Full(Limit, 1000);

        Assert.Equal(10, TakeAll(ref bucket, 1000));
        Assert.Equal(0, TakeAll(ref bucket, 1000));
        Assert.Equal(4, TakeAll(ref bucket, 3000));
        Assert.Equal(10, TakeAll(ref bucket, 1_000_000));
    }

    [Fact]
    public void Refund_NeverAboveTheBurst()
    {
        TokenBucket bucket = TokenBucket.Full(Limit, 0);
        bucket.TryTake(5, Limit, 0);

        bucket.Refund(100, Limit);

        Assert.Equal(10, TakeAll(ref bucket, 0));
    }

    [Fact]
    public void TryTake_ClockGoesBack_EarnsNothing()
    {
        TokenBucket bucket = TokenBucket.Full(Limit, 1000);

        Assert.Equal(10, TakeAll(ref bucket, 0));
    }

    private static int TakeAll(ref TokenBucket bucket, long now)
    {
        int taken = 0;
        while (bucket.TryTake(1, Limit, now))
        {
            taken++;
        }

        return taken;
    }
}
