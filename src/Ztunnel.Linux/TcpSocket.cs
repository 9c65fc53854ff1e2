using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Ztunnel.Linux;

/// <summary>
/// A non-blocking TCP socket, owned by one worker. Calls take the bare descriptor: the owner neither shares nor closes
/// it while it calls, so the reference counting of a SafeHandle per call would buy nothing.
/// </summary>
public sealed unsafe partial class TcpSocket : SafeHandleMinusOneIsInvalid
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

    /// <summary>-1 once closed: the number may be another connection's by then.</summary>
    public int Descriptor => IsClosed ? -1 : (int)handle;

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

    /// <summary>
    /// A socket of a pod's: the calling thread is in the pod's namespace for the one system call. What is set on the
    /// socket, and where it connects to, belongs to that namespace from then on.
    /// </summary>
    /// <exception cref="Win32Exception">As for <see cref="Create"/>, or the namespace cannot be entered.</exception>
    public static TcpSocket CreateIn(NetworkNamespace network, bool v6)
    {
        using (network.Enter())
        {
            return Create(v6);
        }
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

        peer = SocketAddressCodec.Read(new ReadOnlySpan<byte>(address, length));
        result = IoResult.Done;
        return new TcpSocket(descriptor, IsV6);
    }

    /// <summary>Starts connecting; <see cref="IoResult.IsInProgress"/> is the usual answer.</summary>
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

    /// <summary>FIN; a peer that is gone already is no failure.</summary>
    public void ShutdownWrite() => _ = SocketCalls.shutdown(Descriptor, ShutWrite);

    /// <summary>Closes so that the peer sees RST instead of FIN.</summary>
    public void Reset()
    {
        SocketOptions.SetLingerZero(this);
        Dispose();
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

    /// <summary>
    /// Connects on the worker, which watches the socket (<see cref="EpollEvents.Connection"/>) from here on: after
    /// success <see cref="Worker.Replace"/> hands it over without another system call, or <see cref="Worker.Forget"/>
    /// precedes the close. After a failure it is forgotten already.
    /// </summary>
    /// <returns>ETIMEDOUT after the timeout, ECANCELED when cancelled, otherwise the kernel's answer.</returns>
    public ValueTask<IoResult> ConnectAsync(
        Worker worker, InetEndpoint target, TimeSpan timeout, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
        {
            return new ValueTask<IoResult>(IoResult.Failed(Errno.ECANCELED));
        }

        IoResult started = Connect(target);
        return started.IsOk || started.IsInProgress
            ? ConnectAttempt.Await(worker, this, timeout, cancellation)
            : new ValueTask<IoResult>(started);
    }

    protected override bool ReleaseHandle() => SocketCalls.close((int)handle) == 0;

    internal static Win32Exception Failure(string what, int errno) => new(errno, $"{what}: {Errno.Describe(errno)}");

    // An IPv6 address cut down to fit would be somebody's IPv4 address.
    private bool Suits(InetEndpoint endpoint) => IsV6 || !endpoint.Address.IsV6;

    private static IoResult Result(int code) =>
        code >= 0 ? IoResult.Done : IoResult.Failed(Marshal.GetLastPInvokeError());
}
