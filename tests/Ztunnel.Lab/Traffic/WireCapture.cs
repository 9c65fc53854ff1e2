using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ztunnel.Lab;

/// <summary>Packets of one host's interface, written down by tcpdump from the moment it says that it listens.</summary>
public sealed class WireCapture
{
    private const int DiscardPort = 9;

    private readonly LabNetwork _lab;
    private readonly LabHost _host;
    private readonly Process _process;
    private readonly Task _log;
    private readonly string _file;

    private WireCapture(LabNetwork lab, LabHost host, Process process, Task log, string file) =>
        (_lab, _host, _process, _log, _file) = (lab, host, process, log, file);

    /// <param name="host">Whose <c>eth0</c>.</param>
    public static async Task<WireCapture> StartAsync(LabNetwork lab, LabHost host)
    {
        string file = Path.Combine(lab.Folder, $"{host.Name}-{Guid.NewGuid():N}.pcap");
        // As root: tcpdump's own user may not write into the lab's folder.
        string[] arguments = ["-Z", "root", "-i", "eth0", "-n", "-s", "0", "--immediate-mode", "-U", "-w", file];
        Process process = host.Start(new ProcessStartInfo("tcpdump", arguments) { RedirectStandardError = true });
        ProcessLog log = new();
        Task reading = log.ReadAsync(process.StandardError);
        await log.WaitForAsync("listening on");
        return new WireCapture(lab, host, process, reading, file);
    }

    /// <summary>Ends the capture; everything sent before the call is in it.</summary>
    public async Task StopAsync()
    {
        // tcpdump drops what it has not read yet when it is told to end: a last packet shows how far it is.
        string last = Guid.NewGuid().ToString();
        using (Socket socket = _lab.Bridge.Inside(
            () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)))
        {
            await socket.SendToAsync(Encoding.ASCII.GetBytes(last), new IPEndPoint(_host.V4, DiscardPort));
        }

        await Patience.UntilAsync(() => Shows(last), "the last packet in tcpdump's file");
        Shell.Run("kill", ["-INT", $"{_process.Id}"]);
        await Patience.ForAsync(_process.WaitForExitAsync(), "the end of tcpdump");
        await _log;
    }

    /// <summary>Whether the text is in any packet as it is.</summary>
    public bool Shows(string text) => File.ReadAllBytes(_file).AsSpan().IndexOf(Encoding.ASCII.GetBytes(text)) >= 0;

    /// <summary>What tcpdump says about the packets the filter lets through, one line each.</summary>
    public IReadOnlyList<string> Lines(string filter) => Shell
        .Run("tcpdump", ["-Z", "root", "-n", "-q", "-t", "-r", _file, filter])
        .Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
