namespace Ztunnel.Linux;

/// <summary>A deadline on a worker. Due once; cancelled in constant time on the worker's thread.</summary>
public sealed class WorkerTimer
{
    private readonly Action<object?> _callback;
    private readonly object? _state;

    internal WorkerTimer(long dueMilliseconds, Action<object?> callback, object? state)
    {
        DueMilliseconds = dueMilliseconds;
        _callback = callback;
        _state = state;
    }

    internal long DueMilliseconds { get; }
    internal WorkerTimer? Previous { get; set; }
    internal WorkerTimer? Next { get; set; }
    internal TimerWheel? Wheel { get; set; }

    public void Cancel() => Wheel?.Remove(this);

    internal void Fire() => _callback(_state);
}
