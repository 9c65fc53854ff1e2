using System.Runtime.InteropServices;

namespace Ztunnel.Lab;

/// <summary>
/// A thread of low scheduling priority. Attackers share the machine with what they attack: what is measured is how the
/// proxy divides its time, not how the kernel divides the processors.
/// </summary>
public sealed partial class MeekThread
{
    private const int PRIO_PROCESS = 0; // <sys/resource.h>; with a thread's number it is that thread alone

    /// <summary>A tenth of others' weight. With the least there is (19), attacks starve on a busy machine.</summary>
    private const int Niceness = 10;

    private readonly Thread _thread;

    /// <param name="isMeek">False: as urgent as any, for what is done before anything is measured.</param>
    public MeekThread(string name, Action work, bool isMeek = true)
    {
        _thread = new Thread(() =>
        {
            if (isMeek)
            {
                LowerPriority();
            }

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

    /// <summary>Of the calling thread, for good.</summary>
    internal static void LowerPriority()
    {
        if (setpriority(PRIO_PROCESS, 0, Niceness) != 0)
        {
            throw new LabException($"setpriority: errno {Marshal.GetLastPInvokeError()}");
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setpriority(int which, uint who, int priority);
}
