namespace Ztunnel.InPod;

/// <summary>
/// Waits for tasks on a thread that has nothing else to do, one after the other. Waiting on a task itself makes a lock
/// and a condition each time, which the ahead-of-time runtime keeps in tables until it collects everything, and looks
/// through at every small collection: a node where pods come and go would slow down over the weeks.
/// </summary>
internal sealed class BlockingWait
{
    private readonly object _gate = new(); // one, with one condition
    private bool _isDone;

    /// <summary>What the task throws comes out as it was thrown.</summary>
    public void For(Task task)
    {
        if (!task.IsCompleted)
        {
            _isDone = false;
            task.ContinueWith(
                static (_, wait) => ((BlockingWait)wait!).Done(),
                this,
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
            lock (_gate)
            {
                while (!_isDone)
                {
                    Monitor.Wait(_gate);
                }
            }
        }

        task.GetAwaiter().GetResult();
    }

    private void Done()
    {
        lock (_gate)
        {
            _isDone = true;
            Monitor.Pulse(_gate);
        }
    }
}
