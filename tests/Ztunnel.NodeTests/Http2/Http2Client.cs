using System.Diagnostics;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Http2;

/// <summary>One HBONE connection of python3-h2, which knows nothing of our engine.</summary>
internal sealed class Http2Client : IDisposable
{
    private readonly Process _process;
    private readonly ProcessLog _events = new();

    private Http2Client(Process process)
    {
        _process = process;
        _ = _events.ReadAsync(process.StandardOutput); // ends with the process
        _ = _events.ReadAsync(process.StandardError); // a traceback, shown when a wait fails
    }

    /// <param name="identity">Whom the client says to be, with its key.</param>
    public static Http2Client Start(LabNetwork lab, LabHost from, IPAddress to, X509Certificate2 identity)
    {
        string name = Path.Combine(lab.Folder, Guid.NewGuid().ToString("N"));
        File.WriteAllText(name + ".crt", identity.ExportCertificatePem());
        File.WriteAllText(name + ".key", identity.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        string script = Path.Combine(AppContext.BaseDirectory, "Http2", "h2client.py");
        return new Http2Client(from.Start(new ProcessStartInfo(
            "/usr/bin/python3", [script, to.ToString(), name + ".crt", name + ".key"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        }));
    }

    /// <summary>A CONNECT; what became of it is in the events of the stream returned.</summary>
    public Task<int> ConnectAsync(string authority) =>
        RequestAsync((":method", "CONNECT"), (":authority", authority));

    /// <summary>Any field section as a new stream.</summary>
    public async Task<int> RequestAsync(params (string Name, string Value)[] headers)
    {
        HashSet<int> before = [.. Events().Where(known => known.Event == "sent").Select(known => known.Stream)];
        Command("headers", headers: headers.Select(field => new[] { field.Name, field.Value }).ToArray());
        return (await WaitAsync(seen => seen.Event == "sent" && !before.Contains(seen.Stream), "its stream")).Stream;
    }

    public void Send(int stream, string text, bool end = false) => Command("data", stream, text, end);

    public void Reset(int stream, int code) => Command("reset", stream, code: code);

    /// <summary>The first event of that kind on that stream, also if it is there already.</summary>
    public Task<Http2Event> WaitAsync(string kind, int stream = 0) =>
        WaitAsync(seen => seen.Event == kind && seen.Stream == stream, $"{kind} on stream {stream}");

    public async Task<Http2Event> WaitAsync(Func<Http2Event, bool> wanted, string what)
    {
        string line = await _events.WaitForAsync(
            line => Parse(line) is { } seen && (seen.Event == "closed" || wanted(seen)), what);
        Http2Event found = Parse(line)!;
        return wanted(found) ? found : throw new LabException($"closed while waiting for {what}:\n{_events.Tail()}");
    }

    /// <summary>Waits until that text came back on the stream, however it was cut.</summary>
    public Task WaitForTextAsync(int stream, string text) => Patience.UntilAsync(
        () => string.Concat(
            Events().Where(seen => seen.Event == "data" && seen.Stream == stream).Select(seen => seen.Text)) == text,
        $"\"{text}\" on stream {stream}");

    public IEnumerable<Http2Event> Events() => _events.Lines().Select(Parse).OfType<Http2Event>();

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
    }

    private void Command(
        string verb, int stream = 0, string text = "", bool end = false, int code = 0, string[][]? headers = null)
    {
        _process.StandardInput.WriteLine(JsonSerializer.Serialize(new Dictionary<string, object?>
        {
            ["do"] = verb,
            ["stream"] = stream,
            ["text"] = text,
            ["end"] = end,
            ["code"] = code,
            ["headers"] = headers,
        }));
        _process.StandardInput.Flush();
    }

    private static Http2Event? Parse(string line) =>
        line.StartsWith('{') ? JsonSerializer.Deserialize<Http2Event>(line) : null;
}
