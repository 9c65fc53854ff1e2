using System.Net.Sockets;
using System.Security.Cryptography;

namespace Ztunnel.Lab;

/// <summary>Bytes nobody can guess, sent and hashed in pieces, so that any amount costs one buffer.</summary>
public static class Payload
{
    private const int PieceSize = 256 * 1024;

    /// <returns>The SHA-256 of what was sent.</returns>
    public static async Task<byte[]> SendAsync(Socket socket, long length)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] piece = new byte[PieceSize];
        Random.Shared.NextBytes(piece);
        for (long sent = 0; sent < length; sent += piece.Length)
        {
            BitConverter.TryWriteBytes(piece, sent); // no two pieces alike: one lost or repeated shows
            ReadOnlyMemory<byte> part = piece.AsMemory(0, (int)Math.Min(piece.Length, length - sent));
            hash.AppendData(part.Span);
            await Apps.SendAllAsync(socket, part);
        }

        return hash.GetHashAndReset();
    }

    /// <summary>As <see cref="SendAsync"/>, then FIN.</summary>
    public static async Task<byte[]> SendAllAndFinishAsync(Socket socket, long length)
    {
        byte[] hash = await SendAsync(socket, length);
        socket.Shutdown(SocketShutdown.Send);
        return hash;
    }
}
