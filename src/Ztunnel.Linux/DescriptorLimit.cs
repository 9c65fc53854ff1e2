using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Ztunnel.Linux;

/// <summary>RLIMIT_NOFILE: how many descriptors the process may have open.</summary>
/// <param name="Soft">The limit in force.</param>
/// <param name="Hard">How far the soft limit may be raised.</param>
public readonly partial record struct DescriptorLimit(ulong Soft, ulong Hard)
{
    private const int RLIMIT_NOFILE = 7; // <asm-generic/resource.h>

    /// <exception cref="Win32Exception">Carries errno.</exception>
    public static unsafe DescriptorLimit Read()
    {
        ulong* limits = stackalloc ulong[2]; // struct rlimit of 64-bit platforms: soft, hard
        return getrlimit(RLIMIT_NOFILE, limits) == 0 ? new DescriptorLimit(limits[0], limits[1]) : throw Failure();
    }

    /// <summary>Raises the soft limit to the hard one. The runtime may have done so before us.</summary>
    /// <returns>The limit as it was.</returns>
    /// <exception cref="Win32Exception">Carries errno.</exception>
    public static unsafe DescriptorLimit Raise()
    {
        DescriptorLimit before = Read();
        if (before.Soft < before.Hard)
        {
            ulong* limits = stackalloc ulong[] { before.Hard, before.Hard };
            if (setrlimit(RLIMIT_NOFILE, limits) != 0)
            {
                throw Failure();
            }
        }

        return before;
    }

    private static Win32Exception Failure()
    {
        int errno = Marshal.GetLastPInvokeError();
        return new Win32Exception(errno, $"RLIMIT_NOFILE: {Errno.Describe(errno)}");
    }

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int getrlimit(int resource, ulong* limits);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int setrlimit(int resource, ulong* limits);
}
