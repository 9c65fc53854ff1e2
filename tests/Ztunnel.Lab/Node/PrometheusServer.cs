using System.Diagnostics;
using System.Text.Json;

namespace Ztunnel.Lab;

/// <summary>
/// A real Prometheus on the bridge that scrapes proxies every second; its own process, ended with the lab.
/// </summary>
public sealed class PrometheusServer : IDisposable
{
    private const int Port = 9090;

    private readonly HttpClient _http;
    private readonly LabHost _bridge;
    private readonly ProcessLog _log = new();

    private PrometheusServer(LabNetwork lab, IEnumerable<ZtunnelProcess> proxies)
    {
        _bridge = lab.Bridge;
        _http = _bridge.CreateHttpClient();
        string folder = Directory.CreateDirectory(Path.Combine(lab.Folder, $"prometheus-{Guid.NewGuid():N}")).FullName;
        string targets = string.Join(", ", proxies.Select(proxy => $"'{proxy.Node.V4}:15020'"));
        File.WriteAllText(Path.Combine(folder, "prometheus.yml"), $"""
            global: {'{'} scrape_interval: 1s {'}'}
            scrape_configs: [{'{'} job_name: ztunnel, static_configs: [{'{'} targets: [{targets}] {'}'}] {'}'}]
            """);
        Process process = _bridge.Start(new ProcessStartInfo(
            "prometheus",
            [
                $"--config.file={folder}/prometheus.yml", $"--storage.tsdb.path={folder}/data",
                $"--web.listen-address={_bridge.V4}:{Port}",
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        });
        _ = _log.ReadAsync(process.StandardOutput); // both end with the process
        _ = _log.ReadAsync(process.StandardError);
    }

    public static async Task<PrometheusServer> StartAsync(LabNetwork lab, IEnumerable<ZtunnelProcess> proxies)
    {
        PrometheusServer server = new(lab, proxies);
        await server._log.WaitForAsync("Server is ready");
        return server;
    }

    /// <summary>The values of a query's samples at this moment.</summary>
    public async Task<IReadOnlyList<double>> QueryAsync(string query)
    {
        Uri url = new($"http://{_bridge.V4}:{Port}/api/v1/query?query={Uri.EscapeDataString(query)}");
        using JsonDocument answer = JsonDocument.Parse(await _http.GetStringAsync(url));
        return [.. answer.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().Select(
            sample => double.Parse(
                sample.GetProperty("value")[1].GetString()!, System.Globalization.CultureInfo.InvariantCulture))];
    }

    /// <summary>Scrapes of each target, with what went wrong.</summary>
    public async Task<string> TargetsAsync() =>
        await _http.GetStringAsync(new Uri($"http://{_bridge.V4}:{Port}/api/v1/targets"));

    public void Dispose() => _http.Dispose();
}
