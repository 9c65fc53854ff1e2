using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Ztunnel.Linux;

/// <summary>
/// A non-blocking UDP socket: bound, for many peers (see <see cref="ReceivedDatagrams"/> and
/// <see cref="DatagramReplies"/>), or connected to one, from a port the kernel draws at random.
/// </summary>
public sealed unsafe class UdpSocket : InetSocket
{
    private const ushort DiscardPort = 9; // RFC 863; nobody calls from it

    private UdpSocket(int descriptor, bool isV6)
        : base(descriptor, isV6)
    {
    }

    /// <exception cref="Win32Exception">Out of descriptors, or the family is not there.</exception>
    public static UdpSocket Create(bool v6) => new(Open(SocketCalls.SOCK_DGRAM, v6), v6);

    /// <summary>As <see cref="TcpSocket.CreateIn"/>.</summary>
    /// <exception cref="Win32Exception">As for <see cref="Create"/>, or the namespace cannot be entered.</exception>
    public static UdpSocket CreateIn(NetworkNamespace network, bool v6)
    {
        using (network.Enter())
        {
            return Create(v6);
        }
    }

    /// <exception cref="Win32Exception">A bind failure names the address.</exception>
    public static UdpSocket Bound(InetEndpoint endpoint, Action<UdpSocket> configure)
    {
        UdpSocket socket = Create(endpoint.Address.IsV6);
        try
        {
            configure(socket);
            socket.Bind(endpoint);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public IoResult SendTo(ReadOnlySpan<byte> datagram, InetEndpoint target)
    {
        byte* address = stackalloc byte[SocketAddressCodec.MaxSize];
        int length = SocketAddressCodec.Write(new Span<byte>(address, SocketAddressCodec.MaxSize), target, IsV6);
        nint count;
        fixed (byte* at = datagram)
        {
            IoSlice slice = new(at, datagram.Length);
            SocketCalls.MessageHeader message = new()
            {
                Name = address,
                NameLength = (uint)length,
                Slices = &slice,
                SliceCount = 1,
            };
            do
            {
                count = SocketCalls.sendmsg(Descriptor, &message, SocketCalls.MSG_NOSIGNAL);
            }
            while (count < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);
        }

        return count >= 0 ? IoResult.Of((int)count) : IoResult.Failed(Marshal.GetLastPInvokeError());
    }

    /// <summary>
    /// Nothing new comes in from here on, what is queued stays to be read, and answers can still be sent from the
    /// address: another socket of the same SO_REUSEPORT group takes over without a datagram lost. (A connected socket
    /// is passed over by the group's choice, udp(7) and net/ipv4/udp.c.)
    /// </summary>
    public IoResult Isolate() => Connect(new InetEndpoint(LocalEndpoint().Address, DiscardPort));
}
