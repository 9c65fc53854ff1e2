using System.Buffers;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Ztunnel.Lab;

/// <summary>What applications in pods do with a connection.</summary>
public static class Apps
{
    private const int BufferSize = 64 * 1024;

    /// <summary>Sends back what it gets; the caller's FIN is answered with one.</summary>
    public static async Task EchoAsync(Socket socket)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            int read;
            while ((read = await socket.ReceiveAsync(buffer)) > 0)
            {
                await SendAllAsync(socket, buffer.AsMemory(0, read));
            }

            socket.Shutdown(SocketShutdown.Send);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads to the end, then answers with the SHA-256 of all of it.</summary>
    public static async Task HashAsync(Socket socket)
    {
        byte[] hash = await HashUntilEndAsync(socket);
        await SendAllAsync(socket, hash);
        socket.Shutdown(SocketShutdown.Send);
    }

    /// <summary>Takes everything, says nothing.</summary>
    public static async Task SinkAsync(Socket socket) => await HashUntilEndAsync(socket);

    /// <summary>Neither reads nor writes until the connection is closed from elsewhere.</summary>
    public static async Task SilentAsync(Socket socket)
    {
        TaskCompletionSource never = new();
        await never.Task;
        GC.KeepAlive(socket);
    }

    /// <summary>Reads once, then answers with RST.</summary>
    public static async Task ResetAsync(Socket socket)
    {
        await socket.ReceiveAsync(new byte[BufferSize]);
        Reset(socket);
    }

    public static void Reset(Socket socket)
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }

    /// <summary>Reads until the other side ends it, and says how it did.</summary>
    public static async Task<StreamEnd> ReadToEndAsync(Socket socket)
    {
        byte[] buffer = new byte[BufferSize];
        try
        {
            while (await socket.ReceiveAsync(buffer) > 0)
            {
            }

            return StreamEnd.Fin;
        }
        catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
        {
            return StreamEnd.Reset;
        }
    }

    public static async Task<byte[]> HashUntilEndAsync(Socket socket)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[BufferSize];
        int read;
        while ((read = await socket.ReceiveAsync(buffer)) > 0)
        {
            hash.AppendData(buffer, 0, read);
        }

        return hash.GetHashAndReset();
    }

    public static async Task SendAllAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes)..];
        }
    }

    /// <summary>Exactly that many bytes.</summary>
    /// <exception cref="EndOfStreamException">The connection ended before.</exception>
    public static async Task ReceiveAllAsync(Socket socket, Memory<byte> into)
    {
        while (!into.IsEmpty)
        {
            int read = await socket.ReceiveAsync(into);
            into = read > 0 ? into[read..] : throw new EndOfStreamException("the connection ended early");
        }
    }
}
