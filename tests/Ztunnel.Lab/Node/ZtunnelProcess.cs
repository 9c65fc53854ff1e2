using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Ztunnel.Lab;

/// <summary>
/// A proxy process on its node, driven through its public surface only: environment, ZDS, files, HTTP.
/// </summary>
public sealed partial class ZtunnelProcess : IDisposable
{
    public const int AdminPort = 15000;
    public const int StatsPort = 15020;
    public const int ReadinessPort = 15021;

    private readonly Process _process;
    private readonly HttpClient _http;
    private readonly Task _logs;

    /// <param name="controlPlane">Null: the proxy has neither certificates nor mesh from there.</param>
    public ZtunnelProcess(LabNetwork lab, LabHost node, LabControlPlane? controlPlane, ZtunnelOptions options)
    {
        Node = node;
        _http = node.CreateHttpClient();
        Folder = Directory.CreateDirectory(Path.Combine(lab.Folder, $"{node.Name}-{Guid.NewGuid():N}")).FullName;
        ConfigPath = Path.Combine(Folder, "mesh.yaml");
        if (options.Document is not null)
        {
            WriteConfig(options.Document);
        }
        else if (options.Mesh is not null)
        {
            controlPlane?.Apply(options.Mesh);
        }

        Zds = new ZdsAgent(Path.Combine(Folder, "zds.sock"), options.Pods, options.SendsSnapshot);
        _process = node.Start(StartInfo(options, Environment(controlPlane, options)));
        _logs = Task.WhenAll(Log.ReadAsync(_process.StandardOutput), Log.ReadAsync(_process.StandardError));
    }

    public LabHost Node { get; }

    public string Folder { get; }

    public string ConfigPath { get; }

    private string ResolvConfPath => Path.Combine(Folder, "resolv.conf");

    public ZdsAgent Zds { get; }

    public ProcessLog Log { get; } = new();

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public long PssBytes => ProcessUsage.PssBytes(Id);

    public TimeSpan CpuTime => ProcessUsage.CpuTime(Id);

    /// <summary>Ready and synchronised over ZDS.</summary>
    public async Task<ZtunnelProcess> ReadyAsync()
    {
        await Patience.UntilAsync(
            async () =>
            {
                if (_process.HasExited)
                {
                    await _logs;
                    throw new LabException($"the proxy ended with {_process.ExitCode}:\n{Log.Tail()}");
                }

                return Zds.IsSynced && await IsReadyAsync();
            },
            () => $"{Node.Name} to be ready; its log ends:\n{Log.Tail()}");
        return this;
    }

    public async Task<bool> IsReadyAsync()
    {
        try
        {
            using HttpResponseMessage answer = await _http.GetAsync(Url(ReadinessPort, "/healthz/ready"));
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false; // not listening yet, or no more
        }
    }

    /// <summary>What the readiness page says, ready or not.</summary>
    public async Task<string> ReadinessAsync()
    {
        using HttpResponseMessage answer = await _http.GetAsync(Url(ReadinessPort, "/healthz/ready"));
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>Any request to one of its three servers.</summary>
    public Task<HttpResponseMessage> SendAsync(
        HttpMethod method, int port, string path, params (string, string)[] headers)
    {
        HttpRequestMessage request = new(method, Url(port, path));
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return _http.SendAsync(request);
    }

    public async Task<MetricsText> MetricsAsync(string query = "") =>
        new(await _http.GetStringAsync(Url(StatsPort, "/metrics" + query)));

    public async Task<JsonDocument> ConfigDumpAsync() =>
        (await _http.GetFromJsonAsync<JsonDocument>(Url(AdminPort, "/config_dump")))!;

    public async Task<HttpResponseMessage> PostAdminAsync(string path) =>
        await _http.PostAsync(Url(AdminPort, path), content: null);

    /// <summary>Waits until the metrics say so.</summary>
    public Task WaitForMetricsAsync(Func<MetricsText, bool> wanted, string what) =>
        Patience.UntilAsync(async () => wanted(await MetricsAsync()), what);

    /// <summary>Replaces the document in one step, as an editor or a mounted volume does.</summary>
    public void WriteConfig(string text)
    {
        File.WriteAllText(ConfigPath + ".new", text);
        File.Move(ConfigPath + ".new", ConfigPath, overwrite: true);
    }

    /// <summary>Changes what <see cref="ZtunnelOptions.ResolvConf"/> was, as a kubelet does: in place.</summary>
    public void WriteResolvConf(string text) => File.WriteAllText(ResolvConfPath, text);

    public void Signal(PosixSignal signal) => _ = kill(Id, signal == PosixSignal.SIGINT ? 2 : 15);

    public void Kill() => _process.Kill();

    /// <summary>The exit code, once it ended and everything it said is in the log.</summary>
    public async Task<int> ExitAsync()
    {
        await Patience.ForAsync(_process.WaitForExitAsync(), $"the end of {Node.Name}; its log ends:\n{Log.Tail()}");
        await _logs;
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        Zds.Dispose();
        _http.Dispose();
    }

    private ProcessStartInfo StartInfo(ZtunnelOptions options, Dictionary<string, string?> environment)
    {
        string[] program = options.Root is { } root
            ? ProcessRoot.Command(root, Path.GetDirectoryName(Folder)!, options.Binary)
            : [options.Binary];
        string[] command = [.. options.Wrapper, .. OwnResolvConf(options), .. program, "proxy", "ztunnel"];
        ProcessStartInfo start = new(command[0], command.Skip(1))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.WorkingDirectory = Folder;
        start.Environment.Clear();
        foreach ((string name, string? value) in environment.Where(variable => variable.Value is not null))
        {
            start.Environment[name] = value;
        }

        return start;
    }

    // In a mount namespace of its own, where the file lies over the machine's.
    private string[] OwnResolvConf(ZtunnelOptions options)
    {
        if (options.ResolvConf is not { } text)
        {
            return [];
        }

        WriteResolvConf(text);
        return ["unshare", "--mount", "sh", "-c", $"mount --bind {ResolvConfPath} /etc/resolv.conf && exec \"$@\"", "sh"];
    }

    private Dictionary<string, string?> Environment(LabControlPlane? controlPlane, ZtunnelOptions options)
    {
        Dictionary<string, string?> environment = new()
        {
            ["PATH"] = System.Environment.GetEnvironmentVariable("PATH"),
            ["DOTNET_ROOT"] = System.Environment.GetEnvironmentVariable("DOTNET_ROOT"), // for one that is not native
            ["PROXY_MODE"] = "shared",
            ["NODE_NAME"] = Node.Name,
            ["CLUSTER_ID"] = "Kubernetes",
            ["INPOD_UDS"] = Zds.SocketPath,
            ["XDS_ADDRESS"] = (options.Document is null ? controlPlane?.Url : null) ?? "",
            ["XDS_ROOT_CA"] = controlPlane?.RootFile,
            ["LOCAL_XDS_PATH"] = options.Document is null ? null : ConfigPath,
            ["ISTIO_META_DNS_CAPTURE"] = "false",
            ["AUTH_TOKEN"] = "lab-token",
            ["CA_ADDRESS"] = controlPlane?.Url,
            ["CA_ROOT_CA"] = controlPlane?.RootFile,
            ["RUST_LOG"] = "info",
            ["CONNECTION_TERMINATION_DEADLINE"] = "5s",
            ["ZTUNNEL_WORKER_THREADS"] = System.Environment.GetEnvironmentVariable("ZTUNNEL_WORKER_THREADS"),
        };
        foreach ((string name, string? value) in options.Environment)
        {
            environment[name] = value;
        }

        return environment;
    }

    private static Uri Url(int port, string path) => new($"http://127.0.0.1:{port}{path}");

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);
}
