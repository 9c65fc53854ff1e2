using Ztunnel.Linux;

namespace Ztunnel.Tests.Linux;

/// <summary>Receives with managed memory. Loopback delivers before the sender's call is back.</summary>
internal static class UdpReceiving
{
    public static unsafe byte[]? ReceiveOrNothing(this UdpSocket socket)
    {
        byte[] buffer = new byte[65_535];
        fixed (byte* at = buffer)
        {
            IoResult result = socket.Receive(at, buffer.Length);
            return result.IsOk ? buffer[..result.Count] : null;
        }
    }

    public static unsafe IoResult ReceiveResult(this UdpSocket socket)
    {
        byte* buffer = stackalloc byte[16];
        return socket.Receive(buffer, 16);
    }
}
