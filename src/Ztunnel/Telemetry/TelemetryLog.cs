using Microsoft.Extensions.Logging;

namespace Ztunnel.Telemetry;

/// <summary>Everything Telemetry itself may log. Ids 1000–1099.</summary>
internal static partial class TelemetryLog
{
    [LoggerMessage(1001, LogLevel.Information, "Task '{Name}' complete ({Took}), still awaiting {Left} tasks")]
    public static partial void TaskComplete(ILogger logger, string name, string took, int left);

    [LoggerMessage(1002, LogLevel.Information, "Task '{Name}' complete ({Took}), marking server ready")]
    public static partial void LastTaskComplete(ILogger logger, string name, string took);

    [LoggerMessage(1003, LogLevel.Warning, "Task '{Name}' is pending again, marking server not ready")]
    public static partial void TaskPending(ILogger logger, string name);
}
