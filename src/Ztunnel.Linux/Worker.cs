using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ztunnel.Linux;

/// <summary>
/// One thread, one epoll set, nothing shared: the connections given to it live and die on its thread. A turn is what
/// one epoll_wait brings, then what was posted, what is due, what was put off, and last the sends of all of it.
/// </summary>
public sealed unsafe partial class Worker : IDisposable
{
    [ThreadStatic]
    private static Worker? t_current;

    private readonly WorkerOptions _options;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PostQueue _posts = new();
    private readonly List<(ITurnEnd Sender, TurnAccount? Account)> _turnEnds = [];
    private readonly TurnScheduler _scheduler;
    private readonly HandlerTable _handlers = new();
    private readonly Epoll _epoll;
    private readonly TimerWheel _timers;
    private readonly SynchronizationContext _context;
    private TurnAccount? _account;
    private int _asleep; // 1 while whoever posts has to wake the thread
    private bool _started;
    private volatile bool _stopping;

    public Worker(int index, WorkerOptions options)
    {
        BrokenPipe.Ignore();
        Index = index;
        _options = options;
        _scheduler = new TurnScheduler(options.ContendedShare);
        Name = options.Name ?? options.NamePrefix + index;
        _epoll = new Epoll(options.EventBatch);
        _clock = Stopwatch.GetTimestamp();
        NowMilliseconds = Milliseconds(_clock);
        _timers = new TimerWheel(NowMilliseconds);
        _context = new WorkerSynchronizationContext(this, account: null);
        Account = new TurnAccount(Name);
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

    /// <summary>For code that starts on the worker on nobody's account.</summary>
    public SynchronizationContext SynchronizationContext => _context;

    /// <summary>The worker's own account: listeners and whatever else no pod and no peer is to blame for.</summary>
    public TurnAccount Account { get; }

    /// <summary>Who pays for what runs now; timers, turn ends and awaits begun here are at the same expense.</summary>
    public TurnAccount? CurrentAccount => _account;

    /// <summary>More than one account has wanted this worker lately: slices are to be short.</summary>
    public bool IsContended => _scheduler.IsContended;

    /// <summary>The thread's one read buffer; what a handler reads into it is gone with the next handler.</summary>
    public byte* ReadPointer { get; }

    public int ReadBufferSize => _options.ReadBufferSize;

    public Span<byte> ReadBuffer => new(ReadPointer, _options.ReadBufferSize);

    /// <summary>Monotonic; read once a turn.</summary>
    public long NowMilliseconds { get; private set; }

    /// <summary>Connections that live here; the accept side balances by it. Written by this worker only.</summary>
    public int ConnectionCount { get; set; }

    public void Start()
    {
        _started = true;
        _thread.Start();
    }

    /// <summary>Any thread. What is still watched, posted or scheduled is left to its owners.</summary>
    public void Stop()
    {
        _stopping = true;
        _epoll.Wake();
    }

    /// <summary>Not from the worker itself. Stops it, if nobody did.</summary>
    public void Dispose()
    {
        Stop();
        if (_started)
        {
            _thread.Join();
        }

        _epoll.Dispose();
        NativeMemory.AlignedFree(ReadPointer);
    }

    public void Watch(SafeHandle descriptor, EpollEvents events, IEpollHandler handler)
    {
        AssertOwner();
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
        AssertOwner();
        int fd = (int)descriptor.DangerousGetHandle();
        _epoll.Modify(fd, events, HandlerTable.Key(_handlers.Of(fd)));
    }

    /// <summary>
    /// Hands a watched descriptor to another handler without a system call. What came up since a connect finished
    /// (a server that speaks first, a reset) reaches the new handler in a later pass.
    /// </summary>
    public void Replace(SafeHandle descriptor, IEpollHandler handler)
    {
        AssertOwner();
        HandlerSlot slot = _handlers.Of((int)descriptor.DangerousGetHandle());
        EpollEvents missed = slot.Handler is ConnectAttempt attempt ? attempt.Missed : EpollEvents.None;
        slot.Handler = handler;
        if (missed != EpollEvents.None)
        {
            Remember(slot, handler.Account, missed);
        }
    }

    /// <summary>Before the descriptor is closed; closing takes it out of the epoll set by itself.</summary>
    public void Forget(SafeHandle descriptor)
    {
        AssertOwner();
        if (!descriptor.IsClosed) // its number may have a new owner by now, who goes on being watched
        {
            _handlers.Release((int)descriptor.DangerousGetHandle());
        }
    }

    /// <summary>For a descriptor that stays open, such as a listener shared with other workers.</summary>
    public void Unwatch(SafeHandle descriptor)
    {
        AssertOwner();
        int fd = (int)descriptor.DangerousGetHandle();
        if (_handlers.Release(fd))
        {
            _epoll.Remove(fd);
        }
    }

    /// <summary>The rest of a slice: runs in a later pass, others first.</summary>
    public void Continue(IContinuation continuation)
    {
        AssertOwner();
        Deferrals++;
        _scheduler.Defer(continuation.Account, new DeferredWork(continuation));
    }

    /// <summary>The caller asks once a turn. A sender asked for during the turn's end still runs in it.</summary>
    public void AtTurnEnd(ITurnEnd sender)
    {
        AssertOwner();
        _turnEnds.Add((sender, _account));
    }

    /// <summary>Due up to 10 ms late, never early.</summary>
    public WorkerTimer Schedule(TimeSpan delay, Action<object?> callback, object? state)
    {
        AssertOwner();
        return _timers.Add(NowMilliseconds, delay, callback, state, _account);
    }

    /// <summary>Any thread: runs on the worker, in its next turn at the latest unless its account has to wait.</summary>
    public void Post(Action<object?> callback, object? state) =>
        Post(new PostedWork(callback, state, t_current == this ? _account : null));

    internal void Post(PostedWork work)
    {
        _posts.Add(work);

        // The exchange is also the fence between the post and the look at the flag; FallAsleep has the other half.
        if (t_current != this && Interlocked.Exchange(ref _asleep, 0) == 1)
        {
            _epoll.Wake();
        }
    }

    private void Remember(HandlerSlot slot, TurnAccount account, EpollEvents events)
    {
        slot.Remembered |= events;
        if (!slot.IsDeferred)
        {
            slot.IsDeferred = true;
            Deferrals++;
            _scheduler.Defer(account, new DeferredWork(slot, State: null, slot.Generation));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Enter(TurnAccount? account)
    {
        if (!ReferenceEquals(_account, account))
        {
            SwitchAccount(account);
        }
    }

    private void SwitchAccount(TurnAccount? account)
    {
        _account = account;
        if (account is null)
        {
            SynchronizationContext.SetSynchronizationContext(_context);
            return;
        }

        WorkerSynchronizationContext context = account.Context ??= new WorkerSynchronizationContext(this, account);
        if (!ReferenceEquals(context.Worker, this))
        {
            throw new InvalidOperationException($"account {account.Name} belongs to {context.Worker.Name}, not {Name}");
        }

        SynchronizationContext.SetSynchronizationContext(context);
    }

    [Conditional("DEBUG")]
    private void AssertOwner() =>
        Debug.Assert(t_current == this || !_started, "a worker's descriptors, timers and turns are its own thread's");
}
