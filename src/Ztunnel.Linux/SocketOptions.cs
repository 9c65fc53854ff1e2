using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Ztunnel.Linux;

/// <summary>The socket options a proxy needs: socket(7), tcp(7), ip(7), ipv6(7), &lt;linux/netfilter_ipv4.h&gt;.</summary>
public static unsafe class SocketOptions
{
    private const int SOL_IP = 0;
    private const int SOL_SOCKET = 1;
    private const int SOL_TCP = 6;
    private const int SOL_IPV6 = 41;
    private const int SO_REUSEADDR = 2;
    private const int SO_ERROR = 4;
    private const int SO_RCVBUF = 8;
    private const int SO_KEEPALIVE = 9;
    private const int SO_LINGER = 13;
    private const int SO_REUSEPORT = 15;
    private const int SO_RCVBUFFORCE = 33;
    private const int SO_MARK = 36;
    private const int TCP_NODELAY = 1;
    private const int TCP_KEEPIDLE = 4;
    private const int TCP_KEEPINTVL = 5;
    private const int TCP_KEEPCNT = 6;
    private const int TCP_USER_TIMEOUT = 18;
    private const int IP_FREEBIND = 15;
    private const int IP_TRANSPARENT = 19;
    private const int IP_BIND_ADDRESS_NO_PORT = 24;
    private const int IPV6_V6ONLY = 26;
    private const int IPV6_TRANSPARENT = 75;
    private const int IPV6_FREEBIND = 78;
    private const int SO_ORIGINAL_DST = 80; // also IP6T_SO_ORIGINAL_DST

    public static void SetNoDelay(TcpSocket socket) => Require(socket, SOL_TCP, TCP_NODELAY, 1, "TCP_NODELAY");

    /// <summary>SO_MARK: keeps the pod's redirect from catching our own traffic. Needs CAP_NET_ADMIN.</summary>
    public static void SetMark(InetSocket socket, uint mark) => Require(socket, SOL_SOCKET, SO_MARK, (int)mark, "SO_MARK");

    /// <summary>The same for a socket of the framework's own clients.</summary>
    public static void SetMark(Socket socket, uint mark) =>
        socket.SetRawSocketOption(SOL_SOCKET, SO_MARK, MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in mark)));

    public static bool TrySetReusePort(InetSocket socket) => Set(socket, SOL_SOCKET, SO_REUSEPORT, 1);

    public static bool TrySetReuseAddress(InetSocket socket) => Set(socket, SOL_SOCKET, SO_REUSEADDR, 1);

    /// <summary>
    /// Room for what arrives between two turns. Beyond the system's limit where we may (CAP_NET_ADMIN), else up to it.
    /// </summary>
    public static void SetReceiveBuffer(InetSocket socket, int bytes)
    {
        if (!Set(socket, SOL_SOCKET, SO_RCVBUFFORCE, bytes))
        {
            Set(socket, SOL_SOCKET, SO_RCVBUF, bytes);
        }
    }

    /// <summary>IPv4 through an IPv6 wildcard listener, whatever the system's default says.</summary>
    public static void SetDualStack(InetSocket socket) => Require(socket, SOL_IPV6, IPV6_V6ONLY, 0, "IPV6_V6ONLY");

    /// <summary>SOL_IP's IP_TRANSPARENT, which a dual-stack listener passes on to what it accepts.</summary>
    public static bool TrySetTransparent(TcpSocket socket) => Set(socket, SOL_IP, IP_TRANSPARENT, 1);

    /// <summary>
    /// What binding to somebody else's address needs, in the socket's own family. The port is chosen at the connect, so
    /// that one may serve many destinations.
    /// </summary>
    public static bool TrySetForeignSource(TcpSocket socket)
    {
        Set(socket, SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1);
        return socket.IsV6 // either of the two lets the bind pass; TRANSPARENT lets answers come back as well
            ? Set(socket, SOL_IPV6, IPV6_TRANSPARENT, 1) || Set(socket, SOL_IPV6, IPV6_FREEBIND, 1)
            : Set(socket, SOL_IP, IP_TRANSPARENT, 1) || Set(socket, SOL_IP, IP_FREEBIND, 1);
    }

    /// <summary>Whole seconds, at least one; a refusal is harmless.</summary>
    public static void SetKeepAlive(TcpSocket socket, TimeSpan idle, TimeSpan interval, int count)
    {
        Set(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
        Set(socket, SOL_TCP, TCP_KEEPIDLE, Math.Max(1, (int)idle.TotalSeconds));
        Set(socket, SOL_TCP, TCP_KEEPINTVL, Math.Max(1, (int)interval.TotalSeconds));
        Set(socket, SOL_TCP, TCP_KEEPCNT, count);
    }

    public static void SetUserTimeout(TcpSocket socket, TimeSpan timeout) =>
        Set(socket, SOL_TCP, TCP_USER_TIMEOUT, (int)Math.Min(int.MaxValue, timeout.TotalMilliseconds));

    public static void SetLingerZero(TcpSocket socket)
    {
        int* onWithZero = stackalloc int[] { 1, 0 };
        _ = SocketCalls.setsockopt(socket.Descriptor, SOL_SOCKET, SO_LINGER, onWithZero, 8);
    }

    /// <summary>SO_ERROR, which reading clears: 0 or an errno.</summary>
    public static int TakeError(InetSocket socket)
    {
        int error = 0;
        int length = sizeof(int);
        return SocketCalls.getsockopt(socket.Descriptor, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : Errno.EIO;
    }

    /// <summary>Where the client wanted to go before iptables redirected it; false if nothing did.</summary>
    public static bool TryGetOriginalDestination(TcpSocket socket, out InetEndpoint destination)
    {
        byte* address = stackalloc byte[SocketAddressCodec.MaxSize];
        int length = 16;
        if (SocketCalls.getsockopt(socket.Descriptor, SOL_IP, SO_ORIGINAL_DST, address, &length) != 0)
        {
            length = SocketAddressCodec.MaxSize;
            if (SocketCalls.getsockopt(socket.Descriptor, SOL_IPV6, SO_ORIGINAL_DST, address, &length) != 0)
            {
                destination = default;
                return false;
            }
        }

        destination = SocketAddressCodec.Read(new ReadOnlySpan<byte>(address, SocketAddressCodec.MaxSize));
        return true;
    }

    private static bool Set(InetSocket socket, int level, int name, int value) =>
        SocketCalls.setsockopt(socket.Descriptor, level, name, &value, sizeof(int)) == 0;

    private static void Require(InetSocket socket, int level, int name, int value, string option)
    {
        if (!Set(socket, level, name, value))
        {
            throw InetSocket.Failure($"failed to set {option} to {value}", Marshal.GetLastPInvokeError());
        }
    }
}
