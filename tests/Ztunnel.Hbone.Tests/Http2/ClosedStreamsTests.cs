using Ztunnel.Hbone.Http2;

namespace Ztunnel.Hbone.Tests.Http2;

public sealed class ClosedStreamsTests
{
    [Fact]
    public void Add_MoreThanItHolds_ForgetsTheOldest()
    {
        ClosedStreams closed = new();
        for (int id = 1; id <= 1001; id += 2)
        {
            closed.Add(id, weReset: id % 4 == 1);
        }

        Assert.False(closed.Contains(1));
        Assert.False(closed.Contains(1001 - 512));
        Assert.True(closed.Contains(1001 - 510));
        Assert.True(closed.WasResetByUs(1001));
        Assert.False(closed.WasResetByUs(999));
        Assert.True(closed.Contains(999));
    }
}
