using System.Diagnostics;
using System.Text.Json;
using Ztunnel.Lab;

namespace Ztunnel.Load.Mesh;

/// <summary>This program once more, as a load generator inside a pod; prints a line of JSON for every report.</summary>
internal sealed class GeneratorRun(Process process) : IAsyncDisposable
{
    private readonly Task<string> _errors = process.StandardError.ReadToEndAsync();

    /// <exception cref="LabException">It ended instead, with what it said.</exception>
    public async Task<T> ReadAsync<T>() => JsonSerializer.Deserialize<T>(await LineAsync())!;

    public async Task<string> LineAsync() => await process.StandardOutput.ReadLineAsync()
        ?? throw new LabException($"a load generator ended early: {(await _errors).Trim()}");

    /// <summary>A generator that waits for its next round starts it.</summary>
    public async Task GoOnAsync()
    {
        await process.StandardInput.WriteLineAsync();
        await process.StandardInput.FlushAsync();
    }

    /// <exception cref="LabException">Its exit code was not 0.</exception>
    public async Task EndAsync()
    {
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new LabException($"a load generator ended with {process.ExitCode}: {(await _errors).Trim()}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }

        await process.WaitForExitAsync();
    }
}
