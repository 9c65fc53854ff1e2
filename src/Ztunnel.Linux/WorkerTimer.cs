namespace Ztunnel.Linux;

/// <summary>A deadline on a worker. Due once; cancelled in constant time on the worker's thread.</summary>
public sealed class WorkerTimer
{
    internal WorkerTimer(long dueTick, Action<object?> callback, object? state, TurnAccount? account) =>
        (DueTick, Callback, State, Account) = (dueTick, callback, state, account);

    /// <summary>False once it came due or was cancelled.</summary>
    public bool IsPending => Wheel is not null;

    internal long DueTick { get; }
    internal Action<object?> Callback { get; }
    internal object? State { get; }
    internal TurnAccount? Account { get; }
    internal int Slot { get; set; }
    internal WorkerTimer? Previous { get; set; }
    internal WorkerTimer? Next { get; set; }
    internal TimerWheel? Wheel { get; set; }

    /// <summary>The worker's thread only. A timer that is not pending stays as it is.</summary>
    public void Cancel() => Wheel?.Remove(this);
}
