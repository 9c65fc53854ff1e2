using System.Net;
using System.Net.Sockets;

namespace Ztunnel.Lab;

/// <summary>
/// A TCP connection of an attacker: plain blocking calls of the thread that makes them, thousands a second, closed with
/// RST so that neither side keeps anything.
/// </summary>
public sealed class RawConnection : IDisposable
{
    private RawConnection(Socket socket) => Socket = socket;

    public Socket Socket { get; }

    /// <param name="localPort">0: the kernel chooses.</param>
    /// <exception cref="SocketException">Refused, reset or unreachable.</exception>
    public static RawConnection Open(LabHost from, IPEndPoint to, int receiveBuffer = 0, int localPort = 0)
    {
        // Not through LabHost.CreateSocket: its one thread would be the bottleneck of all attackers.
        Socket socket = Create(from, to.AddressFamily);
        try
        {
            if (receiveBuffer > 0)
            {
                socket.ReceiveBufferSize = receiveBuffer;
            }

            if (localPort > 0)
            {
                socket.Bind(new IPEndPoint(IPAddress.Any, localPort));
            }

            socket.NoDelay = true;
            socket.LingerState = new LingerOption(true, 0);
            socket.Connect(to);
            return new RawConnection(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>One that was accepted.</summary>
    public static RawConnection From(Socket socket)
    {
        socket.NoDelay = true;
        socket.LingerState = new LingerOption(true, 0);
        return new RawConnection(socket);
    }

    public void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[Socket.Send(bytes)..];
        }
    }

    /// <summary>Reads and forgets until the other side ends the connection, one way or the other.</summary>
    /// <exception cref="LabException">It does not.</exception>
    public void AwaitEnd() => AwaitEnd(Socket, Socket.Receive);

    /// <summary>Whether the other side has ended it, as far as it can be seen without waiting.</summary>
    public bool HasEnded => HasEndedNow(Socket);

    public void Dispose() => Socket.Dispose();

    internal NetworkStream Stream() => new(Socket, ownsSocket: false);

    internal static Socket Create(LabHost from, AddressFamily family)
    {
        using (from.Network.Enter())
        {
            return new Socket(family, SocketType.Stream, ProtocolType.Tcp);
        }
    }

    internal static void AwaitEnd(Socket socket, Func<byte[], int> receive)
    {
        byte[] buffer = new byte[16 * 1024];
        try
        {
            socket.ReceiveTimeout = (int)Patience.Limit.TotalMilliseconds;
            while (receive(buffer) > 0)
            {
                // What it says does not matter.
            }
        }
        catch (Exception end) when (Ended.By(end))
        {
            if (Ended.ByTimeout(end))
            {
                throw new LabException("the proxy does not end a connection that it should", end);
            }
        }
    }

    private static bool HasEndedNow(Socket socket)
    {
        try
        {
            return socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
