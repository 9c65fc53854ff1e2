using Ztunnel.State;

namespace Ztunnel.Tests.State;

public sealed class AvoidedEndpointsTests
{
    private static readonly EndpointKey s_broken = new("uid-1", 8080);

    private readonly AvoidedEndpoints _avoided = new();

    [Fact]
    public void Contains_AfterAFailure_ForTenSecondsAndThatPortOnly()
    {
        _avoided.Failed(s_broken, now: 1000);

        Assert.True(_avoided.Contains(s_broken, 1000));
        Assert.True(_avoided.Contains(s_broken, 10_999));
        Assert.False(_avoided.Contains(s_broken, 11_000));
        Assert.False(_avoided.Contains(s_broken with { Port = 8081 }, 1000));
        Assert.False(_avoided.Contains(new EndpointKey("uid-2", 8080), 1000));
    }

    [Fact]
    public void Failed_AgainAfterEachPause_DoublesItUpToAMinute()
    {
        long now = 0;
        foreach (int seconds in new[] { 10, 20, 40, 60, 60 })
        {
            _avoided.Failed(s_broken, now);
            Assert.True(_avoided.Contains(s_broken, now + (seconds * 1000) - 1));
            now += seconds * 1000;
            Assert.False(_avoided.Contains(s_broken, now));
        }
    }

    [Fact]
    public void Failed_WhileAvoided_DoesNotCountAgain()
    {
        _avoided.Failed(s_broken, 0);
        _avoided.Failed(s_broken, 9_999);

        Assert.False(_avoided.Contains(s_broken, 10_000));
        _avoided.Failed(s_broken, 10_000);
        Assert.False(_avoided.Contains(s_broken, 30_000));
    }

    [Fact]
    public void Succeeded_ForgetsIt()
    {
        _avoided.Failed(s_broken, 0);
        _avoided.Succeeded(s_broken);

        Assert.True(_avoided.IsEmpty);
        _avoided.Failed(s_broken, 0);
        Assert.False(_avoided.Contains(s_broken, 10_000));
    }

    [Fact]
    public void Expire_TellsWhenSomethingChangesAndForgetsInTheEnd()
    {
        Assert.Null(_avoided.Expire(0));
        _avoided.Failed(s_broken, 0);

        Assert.Equal((10_000, 1), (_avoided.Expire(0), _avoided.CountAt(0)));
        Assert.Equal((70_000, 0), (_avoided.Expire(10_000), _avoided.CountAt(10_000)));
        Assert.Null(_avoided.Expire(70_000));
        Assert.True(_avoided.IsEmpty);
    }

    [Fact]
    public void Failed_ManyEndpoints_KeepsTheLatestOnly()
    {
        for (int i = 0; i < 2 * AvoidedEndpoints.MaxEntries; i++)
        {
            _avoided.Failed(new EndpointKey($"uid-{i}", 80), i);
        }

        Assert.Equal(AvoidedEndpoints.MaxEntries, _avoided.CountAt(0));
        Assert.True(_avoided.Contains(new EndpointKey($"uid-{(2 * AvoidedEndpoints.MaxEntries) - 1}", 80), 1000));
        Assert.False(_avoided.Contains(new EndpointKey("uid-0", 80), 1000));
    }
}
