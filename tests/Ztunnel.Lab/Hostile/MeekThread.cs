using System.Runtime.InteropServices;

namespace Ztunnel.Lab;

/// <summary>
/// A thread of an attacker: it only runs when nobody else wants the processor. Attackers share the machine with what
/// they attack; what is measured is how the proxy divides its time, not how the kernel divides the processors.
/// </summary>
public sealed partial class MeekThread
{
    // <sched.h>. Not merely a low priority: every other thread that wakes up takes the processor from it at once, while
    // one that is only less urgent may first use up its slice, some milliseconds.
    private const int SCHED_IDLE = 5;

    private readonly Thread _thread;

    public MeekThread(string name, Action work)
    {
        _thread = new Thread(() =>
        {
            BecomeMeek();
            work();
        })
        {
            IsBackground = true,
            Name = name,
        };
        _thread.Start();
    }

    public void Join()
    {
        if (!_thread.Join(Patience.Limit))
        {
            throw new LabException($"thread {_thread.Name} does not end");
        }
    }

    /// <summary>The calling thread, for good.</summary>
    internal static unsafe void BecomeMeek()
    {
        int priority = 0; // struct sched_param
        if (sched_setscheduler(0, SCHED_IDLE, &priority) != 0)
        {
            throw new LabException($"sched_setscheduler: errno {Marshal.GetLastPInvokeError()}");
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int sched_setscheduler(int thread, int policy, int* parameters);
}
