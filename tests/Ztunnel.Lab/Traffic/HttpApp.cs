using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ztunnel.Lab;

/// <summary>A web application of one page: says who called, and gives back what it was sent.</summary>
public static class HttpApp
{
    private const int MaxRequest = 64 * 1024;

    public static async Task ServeAsync(Socket socket)
    {
        string request = await ReadRequestAsync(socket);
        int body = request.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        IPAddress caller = ((IPEndPoint)socket.RemoteEndPoint!).Address;
        caller = caller.IsIPv4MappedToIPv6 ? caller.MapToIPv4() : caller;
        string answer = $"you are {caller} {request[body..]}".Trim() + "\n";
        string response = $"HTTP/1.1 200 OK\r\nContent-Length: {answer.Length}\r\nConnection: close\r\n\r\n{answer}";
        await Apps.SendAllAsync(socket, Encoding.ASCII.GetBytes(response));
        socket.Shutdown(SocketShutdown.Send);
    }

    // As much of HTTP as curl needs: a head, and a body if its length is given.
    private static async Task<string> ReadRequestAsync(Socket socket)
    {
        byte[] buffer = new byte[MaxRequest];
        int length = 0;
        while (true)
        {
            int read = await socket.ReceiveAsync(buffer.AsMemory(length));
            length += read;
            string text = Encoding.ASCII.GetString(buffer, 0, length);
            int head = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (read == 0 || (head >= 0 && length >= head + 4 + ContentLength(text[..head])))
            {
                return head >= 0 ? text : throw new SocketException((int)SocketError.ConnectionAborted);
            }
        }
    }

    private static int ContentLength(string head)
    {
        const string name = "Content-Length:";
        string? line = head.Split("\r\n").FirstOrDefault(
            field => field.StartsWith(name, StringComparison.OrdinalIgnoreCase));
        return line is null ? 0 : int.Parse(line[name.Length..], System.Globalization.CultureInfo.InvariantCulture);
    }
}
