using Ztunnel.Linux;

namespace Ztunnel.Tests.Linux;

public class HandlerTableTests
{
    private readonly HandlerTable _table = new();
    private readonly IEpollHandler _first = new Idle();
    private readonly IEpollHandler _second = new Idle();

    [Fact]
    public void Find_DescriptorHasANewOwner_LateEventFindsNobody()
    {
        ulong late = HandlerTable.Key(_table.Take(7, _first));
        _table.Release(7);
        ulong current = HandlerTable.Key(_table.Take(7, _second));

        Assert.Null(_table.Find(late));
        Assert.Same(_second, _table.Find(current)?.Handler);
    }

    [Fact]
    public void Release_WithRememberedEvents_NewOwnerDoesNotInheritThem()
    {
        HandlerSlot slot = _table.Take(7, _first);
        slot.Remembered = EpollEvents.In;
        slot.IsDeferred = true;
        _table.Release(7);

        HandlerSlot next = _table.Take(7, _second);

        Assert.Equal(EpollEvents.None, next.Remembered);
        Assert.False(next.IsDeferred);
    }

    [Fact]
    public void Take_WatchedAlready_IsRefused()
    {
        _table.Take(3, _first);

        Assert.Throws<InvalidOperationException>(() => _table.Take(3, _second));
    }

    [Fact]
    public void Find_UnknownKeys_FindNothing()
    {
        _table.Take(5000, _first);

        Assert.Null(_table.Find(ulong.MaxValue)); // the wake-up
        Assert.Null(_table.Find(4999));
        Assert.Null(_table.Find(1_000_000));
        Assert.False(_table.Release(1_000_000));
        Assert.False(_table.Release(4));
        Assert.Throws<InvalidOperationException>(() => _table.Of(4));
    }

    private sealed class Idle : IEpollHandler
    {
        public TurnAccount Account { get; } = new("idle");

        public void OnEvents(EpollEvents events)
        {
        }
    }
}
