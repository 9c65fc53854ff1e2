using Microsoft.Extensions.Logging;

namespace Ztunnel.Telemetry;

/// <summary>
/// What must be done before this node counts as ready. Down here so that every room can hold a task; the answer over
/// HTTP is given above. Thread-safe.
/// </summary>
internal sealed class ReadinessTasks(LogFactory log, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly SortedSet<string> _pending = new(StringComparer.Ordinal);
    private readonly ILogger _logger = log.CreateLogger("ztunnel::readiness");
    private readonly long _started = time.GetTimestamp();

    /// <summary>Names of what is still to be done, sorted; empty when ready.</summary>
    public string[] Pending
    {
        get
        {
            lock (_lock)
            {
                return [.. _pending];
            }
        }
    }

    public bool IsReady
    {
        get
        {
            lock (_lock)
            {
                return _pending.Count == 0;
            }
        }
    }

    /// <summary>Pending from now on.</summary>
    public ReadinessTask Register(string name)
    {
        lock (_lock)
        {
            _pending.Add(name);
        }

        return new ReadinessTask(this, name);
    }

    internal void Complete(string name)
    {
        int left;
        lock (_lock)
        {
            if (!_pending.Remove(name))
            {
                return;
            }

            left = _pending.Count;
        }

        string took = DurationText.Of(time.GetElapsedTime(_started));
        if (left == 0)
        {
            TelemetryLog.LastTaskComplete(_logger, name, took);
        }
        else
        {
            TelemetryLog.TaskComplete(_logger, name, took, left);
        }
    }

    internal void Reopen(string name)
    {
        lock (_lock)
        {
            if (!_pending.Add(name))
            {
                return;
            }
        }

        TelemetryLog.TaskPending(_logger, name);
    }
}
