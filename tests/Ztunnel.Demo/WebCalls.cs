using System.Diagnostics;
using Ztunnel.Lab;

namespace Ztunnel.Demo;

/// <summary>Calls the web service again and again, each time on another connection; fails if one call fails.</summary>
internal sealed class WebCalls : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    private readonly CancellationTokenSource _end = new();
    private readonly HttpClient _http;
    private readonly Task _calling;
    private int _made;

    public WebCalls(Pod from)
    {
        _http = from.CreateHttpClient();
        _calling = Task.Run(CallAsync);
    }

    /// <summary>Answered so far.</summary>
    public int Made => Volatile.Read(ref _made);

    /// <summary>Until it is so, while the calls go on.</summary>
    /// <returns>How long it took.</returns>
    /// <exception cref="DemoFailure">A call failed meanwhile.</exception>
    public async Task<TimeSpan> UntilAsync(Func<bool> isSo, string what)
    {
        long start = Stopwatch.GetTimestamp();
        await Patience.UntilAsync(() => _calling.IsCompleted || isSo(), what, s_patience);
        await ThrowIfFailedAsync();
        return Stopwatch.GetElapsedTime(start);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAny(_calling); // how it ended was of interest to whoever waited
        _http.Dispose();
        _end.Dispose();
    }

    private async Task ThrowIfFailedAsync()
    {
        try
        {
            await (_calling.IsCompleted ? _calling : Task.CompletedTask);
        }
        catch (HttpRequestException failure)
        {
            throw new DemoFailure($"after {Made} calls one failed: {failure.Message}");
        }
    }

    private async Task CallAsync()
    {
        Uri web = new($"http://{DemoMesh.Vip}:{DemoMesh.WebPort}/");
        while (!_end.IsCancellationRequested)
        {
            await _http.GetStringAsync(web);
            Interlocked.Increment(ref _made);
        }
    }
}
