using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Ztunnel.Linux;

/// <summary>A non-blocking TCP socket: a listener or one connection.</summary>
public sealed unsafe partial class TcpSocket : InetSocket
{
    private const int ShutWrite = 1;

    public TcpSocket()
    {
    }

    private TcpSocket(int descriptor, bool isV6)
        : base(descriptor, isV6)
    {
    }

    /// <summary>Takes over a descriptor, such as one that was accepted for another worker.</summary>
    public static TcpSocket FromDescriptor(int descriptor, bool isV6) => new(descriptor, isV6);

    /// <exception cref="Win32Exception">Out of descriptors, or the family is not there.</exception>
    public static TcpSocket Create(bool v6) => new(Open(SocketCalls.SOCK_STREAM, v6), v6);

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

    /// <summary>FIN; a peer that is gone already is no failure.</summary>
    public void ShutdownWrite() => _ = SocketCalls.shutdown(Descriptor, ShutWrite);

    /// <summary>Closes so that the peer sees RST instead of FIN.</summary>
    public void Reset()
    {
        SocketOptions.SetLingerZero(this);
        Dispose();
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
}
