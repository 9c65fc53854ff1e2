using System.Net.Sockets;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Abuse;

/// <summary>Applications and firewalls that an attacker finds useful.</summary>
internal static class HostileApps
{
    private const int BufferSize = 64 * 1024;

    public static async Task DiscardAsync(Socket socket)
    {
        byte[] buffer = new byte[BufferSize];
        while (await socket.ReceiveAsync(buffer) > 0)
        {
            // Nobody wants it.
        }
    }

    public static async Task SendForEverAsync(Socket socket)
    {
        byte[] buffer = new byte[BufferSize];
        while (true)
        {
            await Apps.SendAllAsync(socket, buffer);
        }
    }

    /// <summary>Connections to that port of the host get no answer at all.</summary>
    public static async Task DropAsync(LabHost host, int port)
    {
        ShellResult result =
            await host.RunAsync("iptables", "-I", "INPUT", "-p", "tcp", "--dport", $"{port}", "-j", "DROP");
        if (result.ExitCode != 0)
        {
            throw new LabException($"iptables: {result.Text}");
        }
    }
}
