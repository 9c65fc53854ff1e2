using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Ztunnel.Linux;

/// <summary>
/// A non-blocking TCP socket, owned by one worker. Calls take the bare descriptor: the owner neither shares nor closes
/// it while it calls, so the reference counting of a SafeHandle per call would buy nothing.
/// </summary>
public sealed unsafe class TcpSocket : SafeHandleMinusOneIsInvalid
{
    private const int ShutWrite = 1;

    public TcpSocket()
        : base(ownsHandle: true)
    {
    }

    private TcpSocket(int descriptor, bool isV6)
        : base(ownsHandle: true)
    {
        SetHandle(descriptor);
        IsV6 = isV6;
    }

    /// <summary>The socket's family, not that of the addresses on it.</summary>
    public bool IsV6 { get; }

    public int Descriptor => (int)handle;

    /// <summary>Takes over a descriptor, such as one that was accepted for another worker.</summary>
    public static TcpSocket FromDescriptor(int descriptor, bool isV6) => new(descriptor, isV6);

    /// <exception cref="Win32Exception">Out of descriptors, or the family is not there.</exception>
    public static TcpSocket Create(bool v6)
    {
        int family = v6 ? SocketAddressCodec.AF_INET6 : SocketAddressCodec.AF_INET;
        int descriptor = SocketCalls.socket(family, SocketCalls.SOCK_STREAM | SocketCalls.SOCK_NONBLOCK | SocketCalls.SOCK_CLOEXEC, 0);
        return descriptor >= 0
            ? new TcpSocket(descriptor, v6)
            : throw Failure("socket", Marshal.GetLastPInvokeError());
    }

    /// <summary>A listener; bind and listen failures name the address.</summary>
    public static TcpSocket Listen(InetEndpoint endpoint, int backlog, Action<TcpSocket> configure)
    {
        TcpSocket socket = Create(endpoint.Address.IsV6);
        try
        {
            configure(socket);
            socket.Bind(endpoint);
            if (SocketCalls.listen(socket.Descriptor, backlog) != 0)
            {
                throw Failure($"failed to listen on {endpoint}", Marshal.GetLastPInvokeError());
            }

            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <exception cref="Win32Exception">Message names the address and errno.</exception>
    public void Bind(InetEndpoint endpoint)
    {
        IoResult result = TryBind(endpoint);
        if (!result.IsOk)
        {
            throw Failure($"failed to bind to address {endpoint}", result.Errno);
        }
    }

    public IoResult TryBind(InetEndpoint endpoint)
    {
        Span<byte> address = stackalloc byte[SocketAddressCodec.MaxSize];
        int length = SocketAddressCodec.Write(address, endpoint, IsV6);
        fixed (byte* at = address)
        {
            return Result(SocketCalls.bind(Descriptor, at, length));
        }
    }

    /// <summary>One connection off the queue with its peer's canonical address; null with the reason.</summary>
    public TcpSocket? Accept(out InetEndpoint peer, out IoResult result)
    {
        byte* address = stackalloc byte[SocketAddressCodec.MaxSize];
        int length = SocketAddressCodec.MaxSize;
        int descriptor;
        do
        {
            descriptor = SocketCalls.accept4(Descriptor, address, &length, SocketCalls.SOCK_NONBLOCK | SocketCalls.SOCK_CLOEXEC);
        }
        while (descriptor < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);

        if (descriptor < 0)
        {
            peer = default;
            result = IoResult.Failed(Marshal.GetLastPInvokeError());
            return null;
        }

        peer = SocketAddressCodec.Read(new ReadOnlySpan<byte>(address, SocketAddressCodec.MaxSize));
        result = IoResult.Done;
        return new TcpSocket(descriptor, IsV6);
    }

    /// <summary>Starts connecting; <see cref="IoResult.IsInProgress"/> is the usual answer.</summary>
    public IoResult Connect(InetEndpoint target)
    {
        Span<byte> address = stackalloc byte[SocketAddressCodec.MaxSize];
        int length = SocketAddressCodec.Write(address, target, IsV6);
        fixed (byte* at = address)
        {
            return Result(SocketCalls.connect(Descriptor, at, length));
        }
    }

    public IoResult Receive(Span<byte> into)
    {
        fixed (byte* at = into)
        {
            return Receive(at, into.Length);
        }
    }

    public IoResult Receive(byte* into, int length)
    {
        nint count;
        do
        {
            count = SocketCalls.recv(Descriptor, into, length, 0);
        }
        while (count < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);

        return count >= 0 ? IoResult.Of((int)count) : IoResult.Failed(Marshal.GetLastPInvokeError());
    }

    /// <summary>What the kernel takes now, which may be less than all.</summary>
    public IoResult Send(ReadOnlySpan<byte> bytes)
    {
        nint count;
        fixed (byte* at = bytes)
        {
            do
            {
                count = SocketCalls.send(Descriptor, at, bytes.Length, SocketCalls.MSG_NOSIGNAL);
            }
            while (count < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);
        }

        return count >= 0 ? IoResult.Of((int)count) : IoResult.Failed(Marshal.GetLastPInvokeError());
    }

    /// <summary>FIN; a peer that is gone already is no failure.</summary>
    public void ShutdownWrite() => _ = SocketCalls.shutdown(Descriptor, ShutWrite);

    /// <summary>Closes so that the peer sees RST instead of FIN.</summary>
    public void Reset()
    {
        SocketOptions.SetLingerZero(this);
        Dispose();
    }

    public InetEndpoint LocalEndpoint()
    {
        byte* address = stackalloc byte[SocketAddressCodec.MaxSize];
        int length = SocketAddressCodec.MaxSize;
        return SocketCalls.getsockname(Descriptor, address, &length) == 0
            ? SocketAddressCodec.Read(new ReadOnlySpan<byte>(address, SocketAddressCodec.MaxSize))
            : default;
    }

    protected override bool ReleaseHandle() => SocketCalls.close((int)handle) == 0;

    internal static Win32Exception Failure(string what, int errno) => new(errno, $"{what}: {Errno.Describe(errno)}");

    private static IoResult Result(int code) =>
        code >= 0 ? IoResult.Done : IoResult.Failed(Marshal.GetLastPInvokeError());
}
