using System.Collections.Concurrent;

namespace Ztunnel.Linux;

/// <summary>
/// A thread for work inside pods' network namespaces that is not a worker's: opening a pod's listeners, reading its
/// /proc/sys. One piece at a time, each entered and left around it.
/// </summary>
public sealed class NamespaceThread : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;

    public NamespaceThread(string name)
    {
        _thread = new Thread(Run) { Name = name, IsBackground = true };
    }

    /// <summary>Called at home: threads are born in the namespace of the one that starts them.</summary>
    public void Start() => _thread.Start();

    /// <summary>Waits for the result; an exception of the work, or of entering, comes out as it was thrown.</summary>
    /// <param name="work">Synchronous through and through.</param>
    public T Run<T>(NetworkNamespace network, Func<T> work) => RunAsync(network, work).GetAwaiter().GetResult();

    /// <param name="work">Synchronous through and through.</param>
    public Task<T> RunAsync<T>(NetworkNamespace network, Func<T> work)
    {
        TaskCompletionSource<T> result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                T value;
                using (network.Enter())
                {
                    value = work();
                }

                // Only once at home: waking whoever waits may start a thread, which would be born where this one is.
                result.SetResult(value);
            }
            catch (Exception failure) // belongs to whoever asked for the work
            {
                result.SetException(failure);
            }
        });
        return result.Task;
    }

    /// <summary>Ends the thread after what was asked for already.</summary>
    public void Dispose()
    {
        _work.CompleteAdding();
        if ((_thread.ThreadState & ThreadState.Unstarted) == 0)
        {
            _thread.Join();
        }

        _work.Dispose();
    }

    private void Run()
    {
        foreach (Action work in _work.GetConsumingEnumerable())
        {
            work();
        }
    }
}
