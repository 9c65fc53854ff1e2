using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Ztunnel.Lab;

/// <summary>
/// An upstream DNS server in a namespace, on port 53 of both families, UDP and TCP. It answers from
/// <see cref="LabZone"/> and remembers what it was asked, byte for byte.
/// </summary>
public sealed class LabResolver : IDisposable
{
    private const int Port = 53;

    private readonly Socket _udp;
    private readonly AppServer _tcp;

    public LabResolver(LabHost host)
    {
        _udp = host.Inside(() => new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp)
        {
            DualMode = true,
        });
        _udp.Bind(new IPEndPoint(IPAddress.IPv6Any, Port));
        _tcp = new AppServer(host, ServeAsync, Port);
        _ = ServeUdpAsync(); // ends when the socket is closed
    }

    /// <summary>In order of arrival, over both.</summary>
    public ConcurrentQueue<LabQuery> Queries { get; } = new();

    /// <summary>Queries that had this name.</summary>
    public IReadOnlyList<LabQuery> QueriesFor(string name) =>
        [.. Queries.Where(query => string.Equals(query.Name, name, StringComparison.OrdinalIgnoreCase))];

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
                read = await _udp.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.IPv6Any, 0));
            }
            catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
            {
                continue; // whoever asked did not wait
            }
            catch (Exception end) when (end is SocketException or ObjectDisposedException)
            {
                return; // disposed
            }

            LabQuery query = Remember(buffer[..read.ReceivedBytes], (IPEndPoint)read.RemoteEndPoint, overTcp: false);
            foreach (byte[] answer in LabZone.Answer(query))
            {
                await _udp.SendToAsync(answer, read.RemoteEndPoint);
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        byte[] length = new byte[2];
        while (true)
        {
            try
            {
                await Apps.ReceiveAllAsync(client, length);
            }
            catch (EndOfStreamException) // the client is done
            {
                return;
            }

            byte[] message = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
            await Apps.ReceiveAllAsync(client, message);
            LabQuery query = Remember(message, (IPEndPoint)client.RemoteEndPoint!, overTcp: true);
            foreach (byte[] answer in LabZone.Answer(query))
            {
                BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)answer.Length);
                await Apps.SendAllAsync(client, (byte[])[.. length, .. answer]);
            }
        }
    }

    private LabQuery Remember(byte[] message, IPEndPoint client, bool overTcp)
    {
        IPAddress address = client.Address.IsIPv4MappedToIPv6 ? client.Address.MapToIPv4() : client.Address;
        LabQuery query = new(message, new IPEndPoint(address, client.Port), overTcp);
        Queries.Enqueue(query);
        return query;
    }
}
