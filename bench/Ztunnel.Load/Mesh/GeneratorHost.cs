using System.Diagnostics;
using System.Reflection;
using Ztunnel.Lab;

namespace Ztunnel.Load.Mesh;

/// <summary>Starts load generators in one pod.</summary>
/// <param name="wrapper">A program and arguments in front, such as prlimit.</param>
internal sealed class GeneratorHost(Pod pod, IReadOnlyList<string> wrapper)
{
    public GeneratorRun Start(IEnumerable<string> arguments)
    {
        string[] command = [.. wrapper, .. Self(), Cli.GeneratorCommand.Name, .. arguments];
        ProcessStartInfo start = new(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return new GeneratorRun(pod.Start(start));
    }

    /// <summary>One report, then its end.</summary>
    public async Task<T> RunAsync<T>(IEnumerable<string> arguments)
    {
        await using GeneratorRun run = Start(arguments);
        T report = await run.ReadAsync<T>();
        await run.EndAsync();
        return report;
    }

    // Where there is no executable of our own (dotnet Ztunnel.Load.dll), the host is told what to load.
    private static IEnumerable<string> Self()
    {
        string host = Environment.ProcessPath
            ?? throw new LabException("this process has no path to start it by again");
        return Path.GetFileNameWithoutExtension(host) == "dotnet"
            ? [host, Assembly.GetEntryAssembly()!.Location]
            : [host];
    }
}
