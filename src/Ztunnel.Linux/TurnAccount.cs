namespace Ztunnel.Linux;

/// <summary>
/// Somebody a worker's time is shared among fairly: a pod, or a peer with all its connections. Owned by one worker.
/// </summary>
public sealed class TurnAccount(string name)
{
    public string Name { get; } = name;

    /// <summary>Stopwatch ticks used since the account was made.</summary>
    public long TotalTicks { get; internal set; }

    /// <summary>Stopwatch ticks used in the turn numbered <see cref="Turn"/>.</summary>
    internal long TurnTicks { get; set; }

    internal long Turn { get; set; }

    /// <summary>What waits for a later pass, oldest first.</summary>
    internal Queue<DeferredWork> Deferred { get; } = new();

    internal bool IsQueued { get; set; }
}
