using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Ztunnel.Tests.Linux;

namespace Ztunnel.Tests.Dns;

/// <summary>A server on loopback that answers as the test says, over UDP and TCP on one port.</summary>
internal sealed class Upstream : IDisposable
{
    private readonly Socket _udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Socket _tcp = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Func<byte[], byte[]?> _answer;

    /// <param name="answer">Null: silence.</param>
    public Upstream(Func<byte[], byte[]?> answer)
    {
        _answer = answer;
        Port = TestPorts.Next();
        _udp.Bind(new IPEndPoint(IPAddress.Loopback, Port));
        _tcp.Bind(new IPEndPoint(IPAddress.Loopback, Port));
        _tcp.Listen(64);
        _ = ServeUdpAsync(); // both end when their sockets are closed
        _ = ServeTcpAsync();
    }

    public int Port { get; }

    /// <summary>Over both; in order of arrival.</summary>
    public ConcurrentQueue<byte[]> Queries { get; } = new();

    public IPEndPoint? LastClient { get; private set; }

    /// <summary>What else to send before the answer, by the same socket.</summary>
    public Func<byte[], byte[][]>? Before { get; set; }

    public void Dispose()
    {
        _udp.Dispose();
        _tcp.Dispose();
    }

    private async Task ServeUdpAsync()
    {
        byte[] buffer = new byte[65_535];
        while (true)
        {
            SocketReceiveFromResult read;
            try
            {
                read = await _udp.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
            }
            catch (Exception end) when (end is SocketException or ObjectDisposedException)
            {
                return; // disposed
            }

            LastClient = (IPEndPoint)read.RemoteEndPoint;
            byte[] query = buffer[..read.ReceivedBytes];
            Queries.Enqueue(query);
            foreach (byte[] answer in (Before?.Invoke(query) ?? []).Append(_answer(query)).OfType<byte[]>())
            {
                await _udp.SendToAsync(answer, read.RemoteEndPoint);
            }
        }
    }

    private async Task ServeTcpAsync()
    {
        while (true)
        {
            Socket client;
            try
            {
                client = await _tcp.AcceptAsync();
            }
            catch (Exception end) when (end is SocketException or ObjectDisposedException)
            {
                return; // disposed
            }

            _ = AnswerAsync(client);
        }
    }

    private async Task AnswerAsync(Socket client)
    {
        using NetworkStream stream = new(client, ownsSocket: true);
        byte[] length = new byte[2];
        await stream.ReadExactlyAsync(length);
        byte[] query = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
        await stream.ReadExactlyAsync(query);
        Queries.Enqueue(query);
        if (_answer(query) is { } answer)
        {
            BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)answer.Length);
            await stream.WriteAsync((byte[])[.. length, .. answer]);
        }

        _ = await stream.ReadAsync(length); // until the proxy closes
    }
}
