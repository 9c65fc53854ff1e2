using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Ztunnel.Linux;

/// <summary>
/// A SOCK_SEQPACKET unix socket: whole packets in order, each with the descriptors that travel beside it
/// (SCM_RIGHTS). Blocking, for a thread of its own; <see cref="Shutdown"/> from another thread ends its wait.
/// </summary>
public sealed unsafe partial class SeqPacketSocket : SafeHandleMinusOneIsInvalid
{
    private const int AF_UNIX = 1;
    private const int SOCK_SEQPACKET = 5;
    private const int SOCK_CLOEXEC = 0x8_0000;
    private const int SOL_SOCKET = 1;
    private const int SCM_RIGHTS = 1;
    private const int SO_SNDTIMEO = 21;
    private const int MSG_CTRUNC = 0x8;
    private const int MSG_TRUNC = 0x20;
    private const int MSG_DONTWAIT = 0x40;
    private const int MSG_NOSIGNAL = 0x4000;
    private const int MSG_CMSG_CLOEXEC = 0x4000_0000;
    private const short POLLIN = 1;
    private const int EINTR = 4;
    private const int EAGAIN = 11;
    private const int SHUT_RDWR = 2;
    private const int HeaderSize = 16; // struct cmsghdr: size_t length, int level, int type
    private const int PathRoom = 108; // sizeof(sockaddr_un.sun_path)

    // More than any sender has reason to send: what does not fit is closed by the kernel and reported as truncated.
    private const int MaxDescriptors = 16;

    // A listener whose backlog is full, or a peer that reads nothing, must not hold the thread for ever.
    private const int SendTimeoutSeconds = 5;

    private SeqPacketSocket(int fd)
        : base(ownsHandle: true) => SetHandle(fd);

    /// <exception cref="Win32Exception">Carries errno.</exception>
    public static SeqPacketSocket Connect(string path) =>
        Open(path, static (fd, name, length) => connect(fd, name, length));

    /// <exception cref="Win32Exception">Carries errno; EADDRINUSE if the path exists.</exception>
    public static SeqPacketSocket Listen(string path, int backlog) => Open(path, (fd, name, length) =>
        bind(fd, name, length) is var bound and not 0 ? bound : listen(fd, backlog));

    public SeqPacketSocket Accept()
    {
        int fd;
        do
        {
            fd = accept4((int)handle, null, null, SOCK_CLOEXEC);
        }
        while (fd < 0 && Marshal.GetLastPInvokeError() == EINTR);
        return fd >= 0 ? new SeqPacketSocket(fd) : throw LastError();
    }

    /// <returns>False when the time is up before there is a packet, an end or an error to read.</returns>
    public bool WaitReadable(TimeSpan timeout)
    {
        PollFd poll = new() { Fd = (int)handle, Events = POLLIN };
        double wanted = Math.Min(Math.Ceiling(timeout.TotalMilliseconds), int.MaxValue);
        int milliseconds = timeout < TimeSpan.Zero ? -1 : (int)wanted;
        int ready = SeqPacketSocket.poll(&poll, 1, milliseconds);
        return ready >= 0 ? ready > 0 : Marshal.GetLastPInvokeError() == EINTR ? false : throw LastError();
    }

    /// <summary>Waits for a packet.</summary>
    /// <exception cref="Win32Exception">Carries errno.</exception>
    public SeqPacket Receive(Span<byte> buffer)
    {
        byte* control = stackalloc byte[HeaderSize + (MaxDescriptors * sizeof(int))];
        fixed (byte* data = buffer)
        {
            IoVector vector = new() { Base = data, Length = (nuint)buffer.Length };
            while (true)
            {
                MessageHeader message = new()
                {
                    Vectors = &vector,
                    VectorCount = 1,
                    Control = control,
                    ControlLength = HeaderSize + (MaxDescriptors * sizeof(int)),
                };
                nint length = recvmsg((int)handle, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
                if (length >= 0)
                {
                    return new SeqPacket(
                        (int)length,
                        DescriptorsIn(control, (int)message.ControlLength),
                        (message.Flags & MSG_TRUNC) != 0,
                        (message.Flags & MSG_CTRUNC) != 0);
                }

                switch (Marshal.GetLastPInvokeError())
                {
                    case EINTR:
                        break;
                    case EAGAIN:
                        WaitReadable(Timeout.InfiniteTimeSpan);
                        break;
                    default:
                        throw LastError();
                }
            }
        }
    }

    /// <exception cref="Win32Exception">Carries errno.</exception>
    public void Send(ReadOnlySpan<byte> packet, params ReadOnlySpan<SafeHandle> descriptors)
    {
        int controlLength = descriptors.IsEmpty ? 0 : HeaderSize + (descriptors.Length * sizeof(int));
        byte* control = stackalloc byte[(controlLength + 7) & ~7];
        if (controlLength > 0)
        {
            *(nuint*)control = (nuint)controlLength;
            *(int*)(control + 8) = SOL_SOCKET;
            *(int*)(control + 12) = SCM_RIGHTS;
            for (int i = 0; i < descriptors.Length; i++)
            {
                ((int*)(control + HeaderSize))[i] = (int)descriptors[i].DangerousGetHandle();
            }
        }

        fixed (byte* data = packet)
        {
            IoVector vector = new() { Base = data, Length = (nuint)packet.Length };
            MessageHeader message = new()
            {
                Vectors = &vector,
                VectorCount = 1,
                Control = controlLength > 0 ? control : null,
                ControlLength = (nuint)((controlLength + 7) & ~7),
            };
            nint sent;
            do
            {
                sent = sendmsg((int)handle, &message, MSG_NOSIGNAL);
            }
            while (sent < 0 && Marshal.GetLastPInvokeError() == EINTR);
            if (sent < 0)
            {
                throw LastError();
            }
        }
    }

    /// <summary>Ends both directions; whoever waits for a packet sees the end.</summary>
    public void Shutdown() => shutdown((int)handle, SHUT_RDWR);

    protected override bool ReleaseHandle() => close((int)handle) == 0;

    private static SeqPacketSocket Open(string path, NamedCall call)
    {
        int nameLength = Encoding.UTF8.GetByteCount(path);
        if (nameLength >= PathRoom)
        {
            throw new ArgumentException($"socket path longer than {PathRoom - 1} bytes: {path}", nameof(path));
        }

        byte* name = stackalloc byte[sizeof(ushort) + PathRoom];
        new Span<byte>(name, sizeof(ushort) + PathRoom).Clear();
        *(ushort*)name = AF_UNIX;
        Encoding.UTF8.GetBytes(path, new Span<byte>(name + sizeof(ushort), PathRoom));

        int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
        if (fd < 0)
        {
            throw LastError();
        }

        SeqPacketSocket opened = new(fd);
        nint* timeout = stackalloc nint[2] { SendTimeoutSeconds, 0 }; // struct timeval
        if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, timeout, 2 * sizeof(nint)) != 0
            || call(fd, name, sizeof(ushort) + nameLength + 1) != 0)
        {
            Win32Exception error = LastError();
            opened.Dispose();
            throw error;
        }

        return opened;
    }

    private static SafeFileHandle[] DescriptorsIn(byte* control, int length)
    {
        if (length < HeaderSize || *(int*)(control + 8) != SOL_SOCKET || *(int*)(control + 12) != SCM_RIGHTS)
        {
            return [];
        }

        var descriptors = new SafeFileHandle[((int)*(nuint*)control - HeaderSize) / sizeof(int)];
        for (int i = 0; i < descriptors.Length; i++)
        {
            descriptors[i] = new SafeFileHandle(((int*)(control + HeaderSize))[i], ownsHandle: true);
        }

        return descriptors;
    }

    private static Win32Exception LastError()
    {
        int errno = Marshal.GetLastPInvokeError();
        return new Win32Exception(errno, $"{Marshal.GetPInvokeErrorMessage(errno)} (os error {errno})");
    }
}
