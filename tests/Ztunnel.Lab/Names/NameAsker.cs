using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ztunnel.Lab;

/// <summary>Asks for addresses from inside a pod, without a program in between. One thread's.</summary>
public sealed class NameAsker : IDisposable
{
    private readonly Socket _socket;
    private readonly byte[] _answer = new byte[65_535];

    public NameAsker(LabHost host, string server)
        : this(host, new IPEndPoint(IPAddress.Parse(server), 53))
    {
    }

    public NameAsker(LabHost host, EndPoint server)
    {
        _socket = host.Inside(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        _socket.Connect(server);
        _socket.ReceiveTimeout = (int)Patience.Limit.TotalMilliseconds;
    }

    /// <summary>A question for A.</summary>
    public static byte[] Query(string name, ushort id) =>
    [
        (byte)(id >> 8), (byte)id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0,
        .. name.Split('.').SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]),
        0, 0, 1, 0, 1,
    ];

    /// <summary>One after the other for so long; answers per second.</summary>
    public double Rate(string name, TimeSpan window)
    {
        long start = Stopwatch.GetTimestamp();
        int count = 0;
        while (Stopwatch.GetElapsedTime(start) < window)
        {
            Ask(name, (ushort)count++);
        }

        return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Does not wait for the answer.</summary>
    public void Send(byte[] query) => _socket.Send(query);

    public void Dispose() => _socket.Dispose();

    private void Ask(string name, ushort id)
    {
        _socket.Send(Query(name, id));
        int length = _socket.Receive(_answer);
        if (length < 12 || _answer[0] != (byte)(id >> 8) || _answer[1] != (byte)id || _answer[7] == 0)
        {
            throw new LabException($"not the answer about {name}: {Convert.ToHexString(_answer, 0, length)}");
        }
    }
}
