using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Ztunnel.Linux;

/// <summary>The loop of a <see cref="Worker"/>, on its thread, and what it tells about itself.</summary>
public sealed partial class Worker
{
    // A sender that asks for itself again and again must not keep the turn from ending.
    private const int TurnEndRounds = 4;

    private static readonly long s_ticksPerMillisecond = Stopwatch.Frequency / 1000;

    // Stopwatch ticks up to which time has been charged: one clock reading per piece of work, chained.
    private long _clock;

    // Figures for metrics: written by this thread, read by any; a stale value does no harm.

    public long Turns { get; private set; }

    public long Events { get; private set; }

    /// <summary>Callbacks that were posted to this worker and ran or were put off.</summary>
    public long Posts { get; private set; }

    /// <summary>Pieces of work put off to a later pass.</summary>
    public long Deferrals { get; private set; }

    /// <summary>Stopwatch ticks spent outside epoll_wait.</summary>
    public long BusyTicks { get; private set; }

    private static long Milliseconds(long ticks) => ticks / s_ticksPerMillisecond;

    private void Run()
    {
        t_current = this;
        SynchronizationContext.SetSynchronizationContext(_context);
        try
        {
            while (!_stopping)
            {
                Turn();
            }

            _completion.SetResult();
        }
        catch (Exception death) // told to whoever watches Completion, who ends the process with it
        {
            _completion.SetException(death);
        }
    }

    private void Turn()
    {
        int count = Wait();
        _clock = Stopwatch.GetTimestamp();
        long start = _clock;
        NowMilliseconds = Milliseconds(start);
        _scheduler.BeginTurn();
        Turns++;
        Events += count;
        for (int i = 0; i < count; i++)
        {
            (EpollEvents events, ulong data) = _epoll.Event(i);
            Dispatch(events, data);
        }

        RunPosted();
        RunTimers();
        if (_scheduler.HasDeferred)
        {
            RunDeferred();
        }

        EndTurn();
        Enter(null);
        BusyTicks += _clock - start;
    }

    private int Wait()
    {
        int timeout = _scheduler.HasDeferred || _turnEnds.Count > 0 || !_posts.IsEmpty
            ? 0
            : _timers.MillisecondsToNext(Milliseconds(_clock));
        if (timeout == 0)
        {
            return _epoll.Wait(0);
        }

        // Whoever posts after this wakes us; what was posted before it is seen here (Dekker's pattern, see Post).
        Interlocked.Exchange(ref _asleep, 1);
        int count = _epoll.Wait(_posts.IsEmpty && !_stopping ? timeout : 0);
        Volatile.Write(ref _asleep, 0);
        return count;
    }

    private void Dispatch(EpollEvents events, ulong data)
    {
        HandlerSlot? slot = _handlers.Find(data);
        if (slot?.Handler is not { } handler)
        {
            return; // the wake-up itself, or an event for a descriptor that was closed meanwhile
        }

        TurnAccount account = handler.Account;
        if (!_scheduler.MayRun(account))
        {
            Remember(slot, account, events);
            return;
        }

        events |= slot.Remembered; // of a former handler with another account: its entry finds nothing left
        slot.Remembered = EpollEvents.None;
        Enter(account);
        handler.OnEvents(events);
        Charge(account);
    }

    private void RunPosted()
    {
        if (_posts.IsEmpty)
        {
            return;
        }

        // Only what is there now: a callback that posts again waits for the next turn like everybody else.
        List<PostedWork> taken = _posts.TakeAll();
        foreach (PostedWork work in taken)
        {
            if (work.Account is { } account && !_scheduler.MayRun(account))
            {
                Deferrals++;
                _scheduler.Defer(account, new DeferredWork(work.Callback, work.State));
                continue;
            }

            Enter(work.Account);
            PostedWork.Invoke(work.Callback, work.State);
            Charge(work.Account);
        }

        Posts += taken.Count;
        taken.Clear();
    }

    // Never put off: between its due time and a later pass a timer could be cancelled, and fire all the same.
    private void RunTimers()
    {
        while (_timers.TakeDue(NowMilliseconds) is { } timer)
        {
            Enter(timer.Account);
            timer.Callback(timer.State);
            Charge(timer.Account);
        }
    }

    private void RunDeferred()
    {
        _scheduler.BeginPass();
        while (_scheduler.TryTake(out TurnAccount account, out DeferredWork work))
        {
            Enter(account);
            switch (work.Target)
            {
                case HandlerSlot slot:
                    Deliver(slot, work.Generation);
                    break;
                case IContinuation continuation:
                    continuation.Continue();
                    break;
                default:
                    PostedWork.Invoke(work.Target, work.State);
                    break;
            }

            Charge(account);
        }
    }

    private static void Deliver(HandlerSlot slot, uint generation)
    {
        if (slot.Generation != generation || !slot.IsDeferred)
        {
            return; // closed while it waited
        }

        EpollEvents events = slot.Remembered;
        slot.Remembered = EpollEvents.None;
        slot.IsDeferred = false;
        if (events != EpollEvents.None)
        {
            slot.Handler!.OnEvents(events);
        }
    }

    private void EndTurn()
    {
        int done = 0;
        for (int round = 0; round < TurnEndRounds && done < _turnEnds.Count; round++)
        {
            for (int end = _turnEnds.Count; done < end; done++)
            {
                (ITurnEnd sender, TurnAccount? account) = _turnEnds[done];
                Enter(account);
                sender.OnTurnEnd();
                Charge(account);
            }
        }

        _turnEnds.RemoveRange(0, done);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Charge(TurnAccount? account)
    {
        long now = Stopwatch.GetTimestamp();
        if (account is not null)
        {
            _scheduler.Charge(account, now - _clock);
        }

        _clock = now;
    }
}
