using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Ztunnel.Linux;

/// <summary>
/// What TCP and UDP sockets share: a non-blocking descriptor of one of the two families, owned by one worker. Calls
/// take the bare descriptor: the owner neither shares nor closes it while it calls, so the reference counting of a
/// SafeHandle per call would buy nothing.
/// </summary>
public abstract unsafe class InetSocket : SafeHandleMinusOneIsInvalid
{
    private protected InetSocket()
        : base(ownsHandle: true)
    {
    }

    private protected InetSocket(int descriptor, bool isV6)
        : base(ownsHandle: true)
    {
        SetHandle(descriptor);
        IsV6 = isV6;
    }

    /// <summary>The socket's family, not that of the addresses on it.</summary>
    public bool IsV6 { get; }

    /// <summary>-1 once closed: the number may be another connection's by then.</summary>
    public int Descriptor => IsClosed ? -1 : (int)handle;

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
        if (!Suits(endpoint))
        {
            return IoResult.Failed(Errno.EAFNOSUPPORT);
        }

        Span<byte> address = stackalloc byte[SocketAddressCodec.MaxSize];
        int length = SocketAddressCodec.Write(address, endpoint, IsV6);
        fixed (byte* at = address)
        {
            return Result(SocketCalls.bind(Descriptor, at, length));
        }
    }

    /// <summary>
    /// TCP: starts connecting; <see cref="IoResult.IsInProgress"/> is the usual answer. UDP: from here on only the
    /// target's datagrams come in.
    /// </summary>
    public IoResult Connect(InetEndpoint target)
    {
        if (!Suits(target))
        {
            return IoResult.Failed(Errno.EAFNOSUPPORT);
        }

        Span<byte> address = stackalloc byte[SocketAddressCodec.MaxSize];
        int length = SocketAddressCodec.Write(address, target, IsV6);
        fixed (byte* at = address)
        {
            return Result(SocketCalls.connect(Descriptor, at, length));
        }
    }

    /// <summary>Canonical; the default value if the socket has none.</summary>
    public InetEndpoint LocalEndpoint()
    {
        byte* address = stackalloc byte[SocketAddressCodec.MaxSize];
        int length = SocketAddressCodec.MaxSize;
        return SocketCalls.getsockname(Descriptor, address, &length) == 0
            ? SocketAddressCodec.Read(new ReadOnlySpan<byte>(address, length))
            : default;
    }

    /// <summary>Canonical; the default value if the socket is not, or no longer, connected.</summary>
    public InetEndpoint PeerEndpoint()
    {
        byte* address = stackalloc byte[SocketAddressCodec.MaxSize];
        int length = SocketAddressCodec.MaxSize;
        return SocketCalls.getpeername(Descriptor, address, &length) == 0
            ? SocketAddressCodec.Read(new ReadOnlySpan<byte>(address, length))
            : default;
    }

    internal static Win32Exception Failure(string what, int errno) => new(errno, $"{what}: {Errno.Describe(errno)}");

    protected override bool ReleaseHandle() => SocketCalls.close((int)handle) == 0;

    private protected static IoResult Result(int code) =>
        code >= 0 ? IoResult.Done : IoResult.Failed(Marshal.GetLastPInvokeError());

    /// <exception cref="Win32Exception">Out of descriptors, or the family is not there.</exception>
    private protected static int Open(int type, bool v6)
    {
        int family = v6 ? SocketAddressCodec.AF_INET6 : SocketAddressCodec.AF_INET;
        int descriptor = SocketCalls.socket(family, type | SocketCalls.SOCK_NONBLOCK | SocketCalls.SOCK_CLOEXEC, 0);
        return descriptor >= 0 ? descriptor : throw Failure("socket", Marshal.GetLastPInvokeError());
    }

    // An IPv6 address cut down to fit would be somebody's IPv4 address.
    private bool Suits(InetEndpoint endpoint) => IsV6 || !endpoint.Address.IsV6;

    /// <summary>What is there now; of a connected datagram socket one datagram, or the ICMP error of its peer.</summary>
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

    /// <summary>What the kernel takes now, which of a stream may be less than all; a datagram goes to the socket's peer.</summary>
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
}
