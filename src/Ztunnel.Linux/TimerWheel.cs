namespace Ztunnel.Linux;

/// <summary>
/// A worker's deadlines: hashed by due time into slots of 16 ms, so that adding and cancelling cost the same however
/// many there are (most deadlines of a proxy never come due). Milliseconds in, due timers out.
/// </summary>
internal sealed class TimerWheel
{
    private const int SlotCount = 512; // 8 s a round; what lies further ahead stays for the next rounds
    private const int SlotBits = 4;    // 16 ms

    private readonly WorkerTimer?[] _slots = new WorkerTimer?[SlotCount];
    private long _tick;
    private int _count;

    public TimerWheel(long nowMilliseconds) => _tick = nowMilliseconds >> SlotBits;

    public bool IsEmpty => _count == 0;

    public WorkerTimer Add(long dueMilliseconds, Action<object?> callback, object? state)
    {
        WorkerTimer timer = new(dueMilliseconds, callback, state) { Wheel = this };
        ref WorkerTimer? head = ref _slots[SlotOf(timer)];
        timer.Next = head;
        if (head is not null)
        {
            head.Previous = timer;
        }

        head = timer;
        _count++;
        return timer;
    }

    public void Remove(WorkerTimer timer)
    {
        if (timer.Previous is null)
        {
            _slots[SlotOf(timer)] = timer.Next;
        }
        else
        {
            timer.Previous.Next = timer.Next;
        }

        if (timer.Next is not null)
        {
            timer.Next.Previous = timer.Previous;
        }

        (timer.Wheel, timer.Previous, timer.Next) = (null, null, null);
        _count--;
    }

    /// <summary>Fires everything due; a callback may add and cancel freely.</summary>
    public void Advance(long nowMilliseconds)
    {
        long target = nowMilliseconds >> SlotBits;
        if (_count == 0 || target - _tick >= SlotCount)
        {
            _tick = Math.Max(_tick, target - SlotCount); // a whole round sees every slot once
        }

        for (; _tick < target; _tick++)
        {
            FireSlot((int)(_tick & (SlotCount - 1)), nowMilliseconds);
        }
    }

    /// <summary>Milliseconds until something may be due; -1 when there is nothing to wait for.</summary>
    public int MillisecondsToNext(long nowMilliseconds)
    {
        if (_count == 0)
        {
            return -1;
        }

        for (int ahead = 0; ahead < SlotCount; ahead++)
        {
            if (_slots[(_tick + ahead) & (SlotCount - 1)] is not null)
            {
                return (int)Math.Max(1, ((_tick + ahead + 1) << SlotBits) - nowMilliseconds);
            }
        }

        return SlotCount << SlotBits;
    }

    // A slot is looked at when its 16 ms are over: never early, at most that much late.
    private int SlotOf(WorkerTimer timer) =>
        (int)(Math.Max(timer.DueMilliseconds >> SlotBits, _tick) & (SlotCount - 1));

    private void FireSlot(int slot, long now)
    {
        // A callback may cancel whichever timer would come next: restart from the head after each.
        bool fired = true;
        while (fired)
        {
            fired = false;
            for (WorkerTimer? timer = _slots[slot]; timer is not null; timer = timer.Next)
            {
                if (timer.DueMilliseconds <= now)
                {
                    Remove(timer);
                    timer.Fire();
                    fired = true;
                    break;
                }
            }
        }
    }
}
