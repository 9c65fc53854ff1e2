using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Ztunnel.Linux;

/// <summary>
/// A network namespace held open by a descriptor: as long as it is held, the namespace lives, even without a process
/// or a name in it.
/// </summary>
public sealed partial class NetworkNamespace : IDisposable
{
    private const int AT_EMPTY_PATH = 0x1000; // <fcntl.h>
    private const uint STATX_INO = 0x100; // <linux/stat.h>
    private const nuint NS_GET_NSTYPE = 0xb703; // <linux/nsfs.h>
    private const int CLONE_NEWNET = 0x4000_0000; // <sched.h>
    private const int StatxSize = 256;

    private NetworkNamespace(SafeFileHandle handle, NamespaceId id) => (Handle, Id) = (handle, id);

    public SafeFileHandle Handle { get; }

    public NamespaceId Id { get; }

    /// <summary>Our own, which every thread is in but for the moments it spends in a <see cref="NamespaceScope"/>.</summary>
    // The process's entry is its first thread's, and that one never goes anywhere.
    public static NetworkNamespace Home { get; } = Open("/proc/self/ns/net");

    /// <summary>The namespace the calling thread is in.</summary>
    public static NetworkNamespace Current() => Open("/proc/thread-self/ns/net");

    /// <summary>The namespace of a process; process 1's is the host's where the host's processes can be seen.</summary>
    /// <exception cref="IOException">No such process.</exception>
    /// <exception cref="UnauthorizedAccessException">Not ours to look at.</exception>
    public static NetworkNamespace OfProcess(int process) => Open($"/proc/{process}/ns/net");

    /// <exception cref="IOException">No such file, or not a network namespace.</exception>
    public static NetworkNamespace Open(string path) => FromDescriptor(File.OpenHandle(path));

    /// <summary>Takes the descriptor over; it is closed if it turns out to be something else.</summary>
    /// <exception cref="IOException">Not a network namespace.</exception>
    public static NetworkNamespace FromDescriptor(SafeFileHandle descriptor)
    {
        try
        {
            // Kernels before 4.11 have no NS_GET_NSTYPE; none of those runs an ambient mesh.
            if (ioctl(descriptor, NS_GET_NSTYPE) != CLONE_NEWNET)
            {
                throw new IOException("the descriptor is not a network namespace");
            }

            return new NetworkNamespace(descriptor, Identify(descriptor));
        }
        catch
        {
            descriptor.Dispose();
            throw;
        }
    }

    public bool IsSameAs(NetworkNamespace other) => Id == other.Id;

    /// <summary>
    /// Enters the namespace the thread is in anyway: what <see cref="Enter"/> would need elsewhere is needed here too.
    /// </summary>
    /// <exception cref="Win32Exception">Carries errno; EPERM means CAP_SYS_ADMIN is missing.</exception>
    public static void TestEntering()
    {
        if (setns(Home.Handle, CLONE_NEWNET) != 0)
        {
            throw EnterFailure();
        }
    }

    /// <summary>
    /// Moves the calling thread, and only that thread, into the namespace until the scope is disposed. Nothing in
    /// between may await: the rest would run wherever it resumes.
    /// </summary>
    /// <exception cref="Win32Exception">Carries errno; EPERM means CAP_SYS_ADMIN is missing.</exception>
    public NamespaceScope Enter()
    {
        if (Id == Home.Id)
        {
            return default;
        }

        if (setns(Handle, CLONE_NEWNET) != 0)
        {
            throw EnterFailure();
        }

        return new NamespaceScope(isAway: true);
    }

    public void Dispose() => Handle.Dispose();

    // There is no going on from here: the thread would open the node's sockets inside some pod.
    internal static void GoHome()
    {
        if (setns(Home.Handle, CLONE_NEWNET) != 0)
        {
            string reason = Errno.Describe(Marshal.GetLastPInvokeError());
            Environment.FailFast($"failed to leave a pod's network namespace: {reason}");
        }
    }

    private static Win32Exception EnterFailure()
    {
        int errno = Marshal.GetLastPInvokeError();
        return new Win32Exception(errno, $"failed to enter the network namespace: {Errno.Describe(errno)}");
    }

    // statx, not fstat: its layout is the same on every architecture.
    private static unsafe NamespaceId Identify(SafeFileHandle descriptor)
    {
        byte* result = stackalloc byte[StatxSize];
        if (statx(descriptor, "", AT_EMPTY_PATH, STATX_INO, result) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }

        uint major = *(uint*)(result + 136); // stx_dev_major, stx_dev_minor
        uint minor = *(uint*)(result + 140);
        return new NamespaceId(((ulong)major << 32) | minor, *(ulong*)(result + 32)); // stx_ino
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setns(SafeFileHandle fd, int nstype);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(SafeFileHandle fd, nuint request);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int statx(SafeFileHandle directory, string path, int flags, uint mask, byte* result);
}
