using Ztunnel.Telemetry;
using Ztunnel.Xds;

namespace Ztunnel.Tests.Xds;

public sealed class XdsBackoffTests
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_floor = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_nearFloor = TimeSpan.FromMilliseconds(125);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(15);

    private readonly XdsBackoff _backoff = new(new Random(1));

    [Theory]
    [InlineData((int)XdsTermination.ConnectionError)]
    [InlineData((int)XdsTermination.Error)]
    [InlineData((int)XdsTermination.Reconnect)]
    [InlineData((int)XdsTermination.Complete)]
    public void After_StreamsThatNeverStood_WaitsLongerEachTimeUpToTheEnd(int end)
    {
        TimeSpan[] waits = [.. Enumerable.Range(0, 20).Select(_ => _backoff.After((XdsTermination)end, TimeSpan.Zero))];

        Assert.All(waits, static wait => Assert.InRange(wait, s_floor, s_longest));
        Assert.InRange(waits[0], s_floor, s_nearFloor);
        Assert.True(waits[5] > waits[0] && waits[8] > waits[5]);
        Assert.InRange(waits[^1], s_longest * 0.8, s_longest);
        Assert.True(waits[^4..].Distinct().Count() == 4, "the longest wait is scattered too");
    }

    [Theory]
    [InlineData((int)XdsTermination.Reconnect)]
    [InlineData((int)XdsTermination.Complete)]
    public void After_OrdinaryEnd_HardlyWaits(int end)
    {
        Fail(10);

        Assert.InRange(_backoff.After((XdsTermination)end, TimeSpan.FromSeconds(1)), s_floor, s_nearFloor);
        Assert.InRange(_backoff.After((XdsTermination)end, TimeSpan.FromSeconds(1)), s_floor, s_nearFloor);
    }

    [Fact]
    public void After_ErrorOnALongLivedStream_BeginsAnew()
    {
        Fail(10);

        Assert.InRange(_backoff.After(XdsTermination.Error, s_minute), s_floor, s_nearFloor);
    }

    [Fact]
    public void After_ErrorOnAShortStream_GoesOnDoubling()
    {
        Fail(10);

        Assert.True(_backoff.After(XdsTermination.Error, TimeSpan.FromSeconds(5)) > TimeSpan.FromSeconds(10));
    }

    private void Fail(int times)
    {
        for (int time = 0; time < times; time++)
        {
            _backoff.After(XdsTermination.ConnectionError, TimeSpan.Zero);
        }
    }
}
