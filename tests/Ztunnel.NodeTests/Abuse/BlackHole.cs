using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Abuse;

/// <summary>A port where nobody even refuses: the host drops what arrives for it.</summary>
internal static class BlackHole
{
    public const int Port = 9999;

    public static async Task OpenAsync(LabHost host)
    {
        ShellResult result =
            await host.RunAsync("iptables", "-I", "INPUT", "-p", "tcp", "--dport", $"{Port}", "-j", "DROP");
        if (result.ExitCode != 0)
        {
            throw new LabException($"iptables: {result.Text}");
        }
    }
}
