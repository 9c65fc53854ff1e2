using System.Diagnostics;
using System.Text.Json;
using Ztunnel.Lab;

namespace Ztunnel.Demo.Steps;

/// <summary>iperf3 from pod to pod, both directions.</summary>
internal sealed class ThroughputStep : IStep
{
    private const string Seconds = "2";

    public string Title => "iperf3 through both proxies";

    public async Task RunAsync(DemoMesh mesh, StepOutput output)
    {
        ProcessLog log = new();
        Process server = mesh.Server.Start(new ProcessStartInfo(
            "iperf3", ["-s", "--forceflush", "-p", $"{DemoMesh.IperfPort}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
        _ = log.ReadAsync(server.StandardOutput); // both end with the process
        _ = log.ReadAsync(server.StandardError);
        await log.WaitForAsync("Server listening");

        output.Say($"client to server: [green]{await MeasureAsync(mesh):0.0} Gbit/s[/]");
        output.Say($"server to client: [green]{await MeasureAsync(mesh, "--reverse"):0.0} Gbit/s[/]");
        server.Kill();
    }

    private static async Task<double> MeasureAsync(DemoMesh mesh, params string[] more)
    {
        ShellResult result = await mesh.Client.RunAsync(
            "iperf3", ["-c", $"{mesh.Server.V4}", "-p", $"{DemoMesh.IperfPort}", "-t", Seconds, "--json", .. more]);
        using JsonDocument report = JsonDocument.Parse(result.Output);
        if (report.RootElement.TryGetProperty("error", out JsonElement error))
        {
            throw new DemoFailure($"iperf3: {error.GetString()}");
        }

        JsonElement received = report.RootElement.GetProperty("end").GetProperty("sum_received");
        return received.GetProperty("bits_per_second").GetDouble() / 1e9;
    }
}
