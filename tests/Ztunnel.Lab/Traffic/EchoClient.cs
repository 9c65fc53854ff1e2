using System.Net;
using System.Net.Sockets;

namespace Ztunnel.Lab;

/// <summary>An application that talks to an echo server and checks every answer.</summary>
public sealed class EchoClient : IDisposable
{
    private readonly Socket _socket;

    private EchoClient(Socket socket) => _socket = socket;

    public IPEndPoint LocalEndpoint => (IPEndPoint)_socket.LocalEndPoint!;

    public Socket Socket => _socket;

    public static async Task<EchoClient> ConnectAsync(LabHost from, IPAddress address, int port) =>
        new(await from.ConnectAsync(address, port));

    /// <summary>Connects, exchanges once, closes.</summary>
    public static async Task OnceAsync(LabHost from, IPAddress address, int port, int size = 64)
    {
        using EchoClient client = await ConnectAsync(from, address, port);
        await client.ExchangeAsync(size);
    }

    /// <summary>Sends and waits for the same bytes.</summary>
    /// <exception cref="LabException">Other bytes came back.</exception>
    /// <exception cref="IOException">The connection ended.</exception>
    public async Task ExchangeAsync(int size = 64)
    {
        byte[] sent = new byte[size];
        Random.Shared.NextBytes(sent);
        byte[] received = new byte[size];
        Task receiving = Apps.ReceiveAllAsync(_socket, received);
        await Apps.SendAllAsync(_socket, sent);
        await Patience.ForAsync(receiving, "an echo");
        if (!sent.AsSpan().SequenceEqual(received))
        {
            throw new LabException("the echo differs from what was sent");
        }
    }

    public void Dispose() => _socket.Dispose();
}
