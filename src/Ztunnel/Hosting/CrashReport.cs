using Microsoft.Extensions.Logging;
using Ztunnel.Telemetry;

namespace Ztunnel.Hosting;

/// <summary>
/// What happens to an exception that nobody caught: one line in the log, and the process ends. Running on half-dead, or
/// dying with a stack on standard error and the log unwritten, would both leave the operator without the reason.
/// </summary>
internal static class CrashReport
{
    private static readonly TimeSpan s_flush = TimeSpan.FromSeconds(2);

    public static void Install(LogFactory log) => AppDomain.CurrentDomain.UnhandledException += (_, crash) =>
    {
        Write(log, crash.ExceptionObject as Exception
            ?? new InvalidOperationException(crash.ExceptionObject.ToString()));
        Environment.Exit(ExitCode.Failure);
    };

    /// <summary>Written when it returns.</summary>
    public static void Write(LogFactory log, Exception failure)
    {
        ILogger logger = log.CreateLogger("ztunnel");
        logger.Unhandled(StartupFailure.OneLine(failure));
        logger.UnhandledStack(failure.ToString());
        log.Writer.Flush(s_flush);
    }
}
