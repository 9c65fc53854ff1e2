using Ztunnel.Config;
using Ztunnel.Hosting;
using Ztunnel.Telemetry;

namespace Ztunnel;

internal static class Program
{
    private static Task<int> Main(string[] arguments)
    {
        CommandLine line = CommandLine.Parse(arguments);
        switch (line.Command)
        {
            case Command.Version:
                Console.WriteLine(VersionLine());
                return Task.FromResult(ExitCode.Success);
            case Command.Help:
                Console.Write(CommandLine.Help);
                Console.WriteLine(VersionLine());
                return Task.FromResult(ExitCode.Success);
            case Command.Unknown:
                Console.Error.WriteLine($"unknown command: {line.Name}");
                Console.Write(CommandLine.Help);
                return Task.FromResult(ExitCode.Failure);
            default:
                return ProxyProcess.RunAsync(
                    EnvironmentReader.OfProcess(), line.Arguments, static line => Console.Error.WriteLine(line));
        }
    }

    private static BuildInfo VersionLine() =>
        BuildInfo.Of(EnvironmentReader.OfProcess().Text("ISTIO_META_ISTIO_VERSION"), CryptoLibrary.Describe());
}
