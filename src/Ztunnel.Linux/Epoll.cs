using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Ztunnel.Linux;

/// <summary>epoll(7), and the eventfd(2) that wakes it.</summary>
internal sealed unsafe partial class Epoll : IDisposable
{
    private const int EPOLL_CLOEXEC = 0x8_0000;
    private const int EPOLL_CTL_ADD = 1;
    private const int EPOLL_CTL_DEL = 2;
    private const int EPOLL_CTL_MOD = 3;
    private const int EFD_NONBLOCK = 0x800;

    // struct epoll_event is packed on x86-64 only (<sys/epoll.h>): 12 bytes there, 16 with padding elsewhere.
    private static readonly int s_eventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int s_dataOffset = s_eventSize - 8;

    private readonly SafeFileHandle _epoll;
    private readonly SafeFileHandle _wake;
    private readonly byte* _events;
    private readonly int _capacity;

    public Epoll(int capacity)
    {
        _epoll = Checked(epoll_create1(EPOLL_CLOEXEC));
        _wake = Checked(eventfd(0, EPOLL_CLOEXEC | EFD_NONBLOCK));
        _capacity = capacity;
        _events = (byte*)NativeMemory.AllocZeroed((nuint)(capacity * 16));
        Add((int)_wake.DangerousGetHandle(), EpollEvents.In | EpollEvents.EdgeTriggered, ulong.MaxValue);
    }

    public void Add(int descriptor, EpollEvents events, ulong data) => Control(EPOLL_CTL_ADD, descriptor, events, data);

    public void Modify(int descriptor, EpollEvents events, ulong data) => Control(EPOLL_CTL_MOD, descriptor, events, data);

    public void Remove(int descriptor) => Control(EPOLL_CTL_DEL, descriptor, 0, 0);

    /// <returns>How many events <see cref="Event"/> has; a signal counts as none.</returns>
    public int Wait(int timeoutMilliseconds)
    {
        int count = timeoutMilliseconds == 0
            ? epoll_poll((int)_epoll.DangerousGetHandle(), _events, _capacity, 0)
            : epoll_wait((int)_epoll.DangerousGetHandle(), _events, _capacity, timeoutMilliseconds);
        if (count >= 0)
        {
            return count;
        }

        int errno = Marshal.GetLastPInvokeError();
        return errno == Errno.EINTR ? 0 : throw new Win32Exception(errno, $"epoll_wait: {Errno.Describe(errno)}");
    }

    public (EpollEvents Events, ulong Data) Event(int index)
    {
        byte* at = _events + (index * s_eventSize);
        return (*(EpollEvents*)at, *(ulong*)(at + s_dataOffset));
    }

    /// <summary>Any thread, at any time: the sleeping <see cref="Wait"/> returns.</summary>
    public void Wake()
    {
        ulong one = 1;
        try
        {
            // Through the SafeHandle: a bare number might be somebody else's descriptor by now.
            _ = write(_wake, &one, sizeof(ulong));
        }
        catch (ObjectDisposedException) // posted to a worker that is gone: nobody is left to hear it
        {
        }
    }

    public void Dispose()
    {
        _epoll.Dispose();
        _wake.Dispose();
        NativeMemory.Free(_events);
    }

    private void Control(int operation, int descriptor, EpollEvents events, ulong data)
    {
        byte* at = stackalloc byte[16];
        *(EpollEvents*)at = events;
        *(ulong*)(at + s_dataOffset) = data;
        if (epoll_ctl((int)_epoll.DangerousGetHandle(), operation, descriptor, at) != 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            throw new Win32Exception(errno, $"epoll_ctl: {Errno.Describe(errno)}");
        }
    }

    private static SafeFileHandle Checked(int descriptor) => descriptor >= 0
        ? new SafeFileHandle(descriptor, ownsHandle: true)
        : throw new Win32Exception(Marshal.GetLastPInvokeError());

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(int epfd, int op, int fd, byte* ev);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_wait(int epfd, byte* events, int maxEvents, int timeout);

    // Never blocks, so the runtime need not be told that this thread is away.
    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    [SuppressGCTransition]
    private static partial int epoll_poll(int epfd, byte* events, int maxEvents, int timeout);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(SafeFileHandle fd, void* buffer, nint count);
}
