using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ztunnel.Linux;

/// <summary>
/// One thread, one epoll set, nothing shared: the connections given to it live and die on its thread. A turn is what
/// one epoll_wait brings, then what was posted, what is due, what was put off, and last the sends of all of it.
/// </summary>
public sealed unsafe class Worker : IDisposable
{
    [ThreadStatic]
    private static Worker? t_current;

    private readonly WorkerOptions _options;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<(Action<object?> Callback, object? State)> _posted = new();
    private readonly List<ITurnEnd> _turnEnds = [];
    private readonly TurnScheduler _scheduler = new();
    private readonly HandlerTable _handlers = new();
    private readonly Epoll _epoll;
    private readonly TimerWheel _timers;
    private int _wakePending;
    private volatile bool _stopping;

    public Worker(int index, WorkerOptions options)
    {
        Index = index;
        _options = options;
        Name = options.NamePrefix + index;
        _epoll = new Epoll(options.EventBatch);
        NowMilliseconds = Environment.TickCount64;
        _timers = new TimerWheel(NowMilliseconds);
        SynchronizationContext = new WorkerSynchronizationContext(this);
        ReadPointer = (byte*)NativeMemory.AlignedAlloc((nuint)(options.ReadBufferSize + Headroom), 4096);
        _thread = new Thread(Run) { Name = Name, IsBackground = true };
    }

    /// <summary>Room behind the read buffer for frame headers between scattered reads.</summary>
    public const int Headroom = 4096;

    /// <summary>The worker whose thread this is.</summary>
    public static Worker? Current => t_current;

    public int Index { get; }

    public string Name { get; }

    /// <summary>Ends when the worker stopped; faults with the reason when its loop died.</summary>
    public Task Completion => _completion.Task;

    public SynchronizationContext SynchronizationContext { get; }

    /// <summary>The thread's one read buffer; what a handler reads into it is gone with the next handler.</summary>
    public byte* ReadPointer { get; }

    public int ReadBufferSize => _options.ReadBufferSize;

    public Span<byte> ReadBuffer => new(ReadPointer, _options.ReadBufferSize);

    /// <summary>Monotonic; read once a turn.</summary>
    public long NowMilliseconds { get; private set; }

    /// <summary>Connections that live here; the accept side balances by it. Written by this worker only.</summary>
    public int ConnectionCount { get; set; }

    public long Turns { get; private set; }

    public long Events { get; private set; }

    public long Deferrals { get; private set; }

    /// <summary>Stopwatch ticks spent outside epoll_wait.</summary>
    public long BusyTicks { get; private set; }

    public void Start() => _thread.Start();

    /// <summary>Any thread. What is still watched is left to its owners.</summary>
    public void Stop()
    {
        _stopping = true;
        _epoll.Wake();
    }

    /// <summary>After <see cref="Completion"/>.</summary>
    public void Dispose()
    {
        _epoll.Dispose();
        NativeMemory.AlignedFree(ReadPointer);
    }

    public void Watch(SafeHandle descriptor, EpollEvents events, IEpollHandler handler)
    {
        int fd = (int)descriptor.DangerousGetHandle();
        HandlerSlot slot = _handlers.Take(fd, handler);
        try
        {
            _epoll.Add(fd, events, HandlerTable.Key(slot));
        }
        catch
        {
            _handlers.Release(fd);
            throw;
        }
    }

    public void Modify(SafeHandle descriptor, EpollEvents events)
    {
        int fd = (int)descriptor.DangerousGetHandle();
        _epoll.Modify(fd, events, HandlerTable.Key(_handlers.Of(fd)));
    }

    /// <summary>Hands a watched descriptor to another handler without a system call.</summary>
    public void Replace(SafeHandle descriptor, IEpollHandler handler) =>
        _handlers.Of((int)descriptor.DangerousGetHandle()).Handler = handler;

    /// <summary>Before the descriptor is closed; closing takes it out of the epoll set by itself.</summary>
    public void Forget(SafeHandle descriptor) => _handlers.Release((int)descriptor.DangerousGetHandle());

    /// <summary>For a descriptor that stays open, such as a listener shared with other workers.</summary>
    public void Unwatch(SafeHandle descriptor)
    {
        int fd = (int)descriptor.DangerousGetHandle();
        if (_handlers.Release(fd))
        {
            _epoll.Remove(fd);
        }
    }

    /// <summary>The rest of a slice: runs in a later pass, others first.</summary>
    public void Continue(IContinuation continuation)
    {
        Deferrals++;
        _scheduler.Defer(continuation.Account, new DeferredWork(continuation, null));
    }

    /// <summary>The caller asks once a turn.</summary>
    public void AtTurnEnd(ITurnEnd sender) => _turnEnds.Add(sender);

    public WorkerTimer Schedule(TimeSpan delay, Action<object?> callback, object? state) =>
        _timers.Add(NowMilliseconds + (long)delay.TotalMilliseconds, callback, state);

    /// <summary>Any thread: runs on the worker, in its next turn at the latest.</summary>
    public void Post(Action<object?> callback, object? state)
    {
        _posted.Enqueue((callback, state));
        if (Interlocked.Exchange(ref _wakePending, 1) == 0 && t_current != this)
        {
            _epoll.Wake();
        }
    }

    private void Run()
    {
        t_current = this;
        SynchronizationContext.SetSynchronizationContext(SynchronizationContext);
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
        int count = _epoll.Wait(Timeout());
        long clock = Stopwatch.GetTimestamp();
        long start = clock;
        NowMilliseconds = Environment.TickCount64;
        _scheduler.BeginTurn();
        Turns++;
        Events += count;
        for (int i = 0; i < count; i++)
        {
            Dispatch(i, ref clock);
        }

        RunPosted();
        if (!_timers.IsEmpty)
        {
            _timers.Advance(NowMilliseconds);
        }

        if (_scheduler.HasDeferred)
        {
            clock = Stopwatch.GetTimestamp();
            RunDeferred(ref clock);
        }

        EndTurn();
        BusyTicks += Stopwatch.GetTimestamp() - start;
    }

    private int Timeout()
    {
        if (_scheduler.HasDeferred || !_posted.IsEmpty)
        {
            return 0;
        }

        return _timers.MillisecondsToNext(Environment.TickCount64);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Dispatch(int index, ref long clock)
    {
        (EpollEvents events, ulong data) = _epoll.Event(index);
        HandlerSlot? slot = _handlers.Find(data);
        if (slot?.Handler is not { } handler)
        {
            return; // the wake-up itself, or an event for a descriptor that was closed meanwhile
        }

        TurnAccount account = handler.Account;
        if (_scheduler.MayRun(account))
        {
            handler.OnEvents(events);
            Charge(account, ref clock);
            return;
        }

        bool isNew = slot.Remembered == EpollEvents.None;
        slot.Remembered |= events;
        if (isNew)
        {
            Deferrals++;
            _scheduler.Defer(account, new DeferredWork(null, slot));
        }
    }

    private void RunDeferred(ref long clock)
    {
        long until = clock + _scheduler.Share;
        do
        {
            if (_scheduler.NextAccount() is not { } account)
            {
                return;
            }

            DeferredWork work = account.Deferred.Dequeue();
            if (work.Continuation is { } continuation)
            {
                continuation.Continue();
            }
            else if (work.Slot is { Handler: { } handler, Remembered: not EpollEvents.None } slot)
            {
                EpollEvents events = slot.Remembered;
                slot.Remembered = EpollEvents.None;
                handler.OnEvents(events);
            }

            Charge(account, ref clock);
            _scheduler.Requeue(account);
        }
        while (clock < until);
    }

    private static void Charge(TurnAccount account, ref long clock)
    {
        long now = Stopwatch.GetTimestamp();
        TurnScheduler.Charge(account, now - clock);
        clock = now;
    }

    private void RunPosted()
    {
        Volatile.Write(ref _wakePending, 0);
        // Only what is there now: a callback that posts again waits for the next turn like everybody else.
        for (int left = _posted.Count; left > 0 && _posted.TryDequeue(out (Action<object?> Callback, object? State) item); left--)
        {
            item.Callback(item.State);
        }
    }

    private void EndTurn()
    {
        for (int i = 0; i < _turnEnds.Count; i++) // a sender may cause another one: the list grows while it is read
        {
            _turnEnds[i].OnTurnEnd();
        }

        _turnEnds.Clear();
    }
}
