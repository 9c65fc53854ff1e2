using System.Numerics;

namespace Ztunnel.Linux;

/// <summary>
/// A worker's deadlines, hashed by due time, so that adding and cancelling cost the same however many there are (most
/// deadlines of a proxy never come due). Two wheels: 512 slots of 8 ms, and 512 slots of one round of those (4 s, so
/// 35 minutes), each emptied into the first when its round begins. Milliseconds in, due timers out.
/// </summary>
internal sealed class TimerWheel
{
    private const int TickBits = 3; // 8 ms: below what any deadline of a proxy means
    private const int SlotBits = 9;
    private const int SlotCount = 1 << SlotBits;
    private const int SlotMask = SlotCount - 1;

    // The near wheel's slots, then the far wheel's.
    private readonly WorkerTimer?[] _slots = new WorkerTimer?[2 * SlotCount];
    private readonly ulong[] _used = new ulong[2 * SlotCount / 64];
    private long _tick; // the first that has not passed yet
    private int _count;

    public TimerWheel(long nowMilliseconds) => _tick = nowMilliseconds >> TickBits;

    public bool IsEmpty => _count == 0;

    public WorkerTimer Add(
        long nowMilliseconds, TimeSpan delay, Action<object?> callback, object? state, TurnAccount? account = null)
    {
        // A tick fires when it is over, so a timer is never early.
        long milliseconds = Math.Max(0, (long)Math.Ceiling(delay.TotalMilliseconds));
        WorkerTimer timer = new((nowMilliseconds + milliseconds) >> TickBits, callback, state, account) { Wheel = this };
        Link(timer);
        _count++;
        return timer;
    }

    public void Remove(WorkerTimer timer)
    {
        Unlink(timer);
        timer.Wheel = null;
        _count--;
    }

    /// <summary>Moves on and takes off the next timer due; null when there is none. Others may be added and cancelled in between.</summary>
    public WorkerTimer? TakeDue(long nowMilliseconds)
    {
        long now = nowMilliseconds >> TickBits;
        if (_count == 0)
        {
            _tick = Math.Max(_tick, now);
            return null;
        }

        while (_tick < now)
        {
            if (_slots[_tick & SlotMask] is { } due)
            {
                Remove(due);
                return due;
            }

            _tick++;
            if ((_tick & SlotMask) == 0)
            {
                BeginRound();
            }
        }

        return null;
    }

    /// <summary>Milliseconds until something may be due; -1 when there is nothing to wait for.</summary>
    public int MillisecondsToNext(long nowMilliseconds)
    {
        if (_count == 0)
        {
            return -1;
        }

        long roundEnd = (_tick | SlotMask) + 1; // the far wheel has to be looked at then
        int near = FirstUsed((int)(_tick & SlotMask));
        long tick = near < SlotCount ? (_tick & ~(long)SlotMask) + near : roundEnd - 1;
        return (int)Math.Max(0, ((tick + 1) << TickBits) - nowMilliseconds);
    }

    // A slot of the near wheel holds one tick of the current round only: all in it are due together.
    private void Link(WorkerTimer timer)
    {
        long due = Math.Max(timer.DueTick, _tick);
        long rounds = (due >> SlotBits) - (_tick >> SlotBits);
        timer.Slot = rounds == 0
            ? (int)(due & SlotMask)
            : SlotCount + (int)(((_tick >> SlotBits) + Math.Min(rounds, SlotMask)) & SlotMask);

        ref WorkerTimer? head = ref _slots[timer.Slot];
        (timer.Previous, timer.Next) = (null, head);
        if (head is not null)
        {
            head.Previous = timer;
        }

        head = timer;
        _used[timer.Slot >> 6] |= 1UL << (timer.Slot & 63);
    }

    private void Unlink(WorkerTimer timer)
    {
        if (timer.Next is not null)
        {
            timer.Next.Previous = timer.Previous;
        }

        if (timer.Previous is not null)
        {
            timer.Previous.Next = timer.Next;
        }
        else
        {
            _slots[timer.Slot] = timer.Next;
            if (timer.Next is null)
            {
                _used[timer.Slot >> 6] &= ~(1UL << (timer.Slot & 63));
            }
        }

        (timer.Previous, timer.Next) = (null, null);
    }

    private void BeginRound()
    {
        int slot = SlotCount + (int)((_tick >> SlotBits) & SlotMask);
        WorkerTimer? timer = _slots[slot];
        _slots[slot] = null;
        _used[slot >> 6] &= ~(1UL << (slot & 63));
        while (timer is not null)
        {
            WorkerTimer? next = timer.Next;
            Link(timer); // into the near wheel, or far off again if it is further away than the far wheel reaches
            timer = next;
        }
    }

    private int FirstUsed(int from)
    {
        ulong word = _used[from >> 6] & (ulong.MaxValue << (from & 63));
        for (int index = from >> 6; ; word = _used[index])
        {
            if (word != 0)
            {
                return (index << 6) + BitOperations.TrailingZeroCount(word);
            }

            if (++index == SlotCount / 64)
            {
                return SlotCount;
            }
        }
    }
}
