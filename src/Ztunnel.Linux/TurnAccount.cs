namespace Ztunnel.Linux;

/// <summary>
/// Somebody a worker's time is shared among fairly: a pod, or a peer with all its connections. Owned by one worker.
/// </summary>
public sealed class TurnAccount(string name)
{
    // A flood leaves a long array behind; an account that is merely busy keeps its own.
    private const int KeptCapacity = 256;

    private Queue<DeferredWork>? _deferred; // most accounts are never put off

    public string Name { get; } = name;

    /// <summary>Stopwatch ticks used since the account was made.</summary>
    public long TotalTicks { get; internal set; }

    /// <summary>Stopwatch ticks used in the turn numbered <see cref="Turn"/>, and what was overdrawn before.</summary>
    internal long TurnTicks { get; set; }

    internal long Turn { get; set; }

    internal bool IsQueued { get; set; }

    /// <summary>How many slices wait.</summary>
    internal int DeferredCount => _deferred is null ? 0 : _deferred.Count;

    /// <summary>Makes an <c>await</c> resume on the account's worker and at the account's expense.</summary>
    internal WorkerSynchronizationContext? Context { get; set; }

    internal void Enqueue(DeferredWork work) => (_deferred ??= new Queue<DeferredWork>()).Enqueue(work);

    internal DeferredWork Dequeue()
    {
        DeferredWork work = _deferred!.Dequeue();
        if (_deferred.Count == 0 && _deferred.Capacity > KeptCapacity)
        {
            _deferred = null;
        }

        return work;
    }
}
