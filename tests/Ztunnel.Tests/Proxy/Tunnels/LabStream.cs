using System.Net.Sockets;
using Ztunnel.Tests.Linux;
using Ztunnel.Tests.Proxy.Relay;

namespace Ztunnel.Tests.Proxy.Tunnels;

/// <summary>An application's connection through the lab's tunnels: caller, two relays, callee.</summary>
internal sealed class LabStream
{
    public Socket Caller { get; set; } = null!;

    public Socket Callee { get; set; } = null!;

    public RelayProbe Outbound { get; set; } = null!;

    public RelayProbe Inbound { get; set; } = null!;

    public TaskCompletionSource HasBegun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Bytes at most that the caller finds before what comes through the tunnel.</summary>
    public long Junk { get; set; }

    public static Task SendAllAsync(Socket socket, byte[] bytes) => Task.Run(async () =>
    {
        for (int sent = 0; sent < bytes.Length;)
        {
            sent += await socket.SendAsync(bytes.AsMemory(sent));
        }
    }).WaitAsync(TestWorker.Patience);

    /// <summary>Until FIN.</summary>
    public static async Task<byte[]> ReadToEndAsync(Socket socket)
    {
        MemoryStream all = new();
        byte[] buffer = new byte[64 * 1024];
        int count;
        while ((count = await socket.ReceiveAsync(buffer.AsMemory()).AsTask().WaitAsync(TestWorker.Patience)) > 0)
        {
            all.Write(buffer, 0, count);
        }

        return all.ToArray();
    }

    public static async Task<byte[]> ReadAsync(Socket socket, int count)
    {
        byte[] bytes = new byte[count];
        for (int got = 0; got < count;)
        {
            int piece = await socket.ReceiveAsync(bytes.AsMemory(got)).AsTask().WaitAsync(TestWorker.Patience);
            Assert.NotEqual(0, piece);
            got += piece;
        }

        return bytes;
    }
}
