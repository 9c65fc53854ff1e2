using Ztunnel.Telemetry;

namespace Ztunnel.Hosting;

/// <summary>The process cannot start; the message is the one line the operator reads.</summary>
internal sealed class StartupFailure(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>An exception and what caused it in one line, whatever its messages hold.</summary>
    public static string OneLine(Exception failure) => LogState.Describe(failure)
        .ReplaceLineEndings(" ")
        .Trim();
}
