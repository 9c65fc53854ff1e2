using System.Diagnostics;

namespace Ztunnel.Lab;

/// <summary>Runs programs of the machine to their end.</summary>
public static class Shell
{
    /// <summary>Standard output; an exit code other than 0 throws with what the program said.</summary>
    /// <exception cref="LabException">Not found, or ended with another exit code than 0.</exception>
    public static string Run(string program, IEnumerable<string> arguments, string? input = null)
    {
        ShellResult result = TryRunAsync(program, arguments, input).GetAwaiter().GetResult();
        return result.ExitCode == 0
            ? result.Output
            : throw new LabException(
                $"{program} {string.Join(' ', arguments)}: exit code {result.ExitCode}: {result.Text}");
    }

    public static async Task<ShellResult> TryRunAsync(
        string program, IEnumerable<string> arguments, string? input = null, CancellationToken cancellation = default)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start) ?? throw new LabException($"{program} did not start");
        Task<string> output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        Task<string> error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
            await process.WaitForExitAsync(cancellation);
        }
        catch (OperationCanceledException) // of the caller: the program must not outlive the call
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return new ShellResult(process.ExitCode, await output, await error);
    }
}
