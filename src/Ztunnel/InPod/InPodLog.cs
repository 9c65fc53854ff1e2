using Microsoft.Extensions.Logging;

namespace Ztunnel.InPod;

/// <summary>Everything InPod may log. Ids 6000–6099.</summary>
internal static partial class InPodLog
{
    [LoggerMessage(6001, LogLevel.Warning,
        "failed to connect to the Istio CNI CNI daemon over {Path}: {Reason}; retrying in {Delay}")]
    public static partial void ConnectFailed(this ILogger logger, string path, string reason, TimeSpan delay);

    [LoggerMessage(6002, LogLevel.Information, "handling new stream")]
    public static partial void Connected(this ILogger logger);

    [LoggerMessage(6003, LogLevel.Error, "node agent announcement failed ({Reason})")]
    public static partial void HelloFailed(this ILogger logger, string reason);

    [LoggerMessage(6004, LogLevel.Warning, "connection to the node agent ended: {Reason}")]
    public static partial void Disconnected(this ILogger logger, string reason);

    [LoggerMessage(6005, LogLevel.Information, "pod received, starting proxy")]
    public static partial void PodReceived(this ILogger logger, string uid, string name, string @namespace);

    [LoggerMessage(6006, LogLevel.Information, "pod delete request, shutting down proxy")]
    public static partial void PodDeleted(this ILogger logger, string uid);

    [LoggerMessage(6007, LogLevel.Information, "pod is not in the snapshot, shutting down proxy")]
    public static partial void PodNotInSnapshot(this ILogger logger, string uid);

    [LoggerMessage(6008, LogLevel.Warning, "failed to start proxy: {Reason}")]
    public static partial void StartFailed(this ILogger logger, string uid, string reason);

    [LoggerMessage(6009, LogLevel.Information, "scheduling retry")]
    public static partial void RetryScheduled(this ILogger logger, string uids);

    [LoggerMessage(6010, LogLevel.Information, "retrying workload")]
    public static partial void Retrying(this ILogger logger, string uid);

    [LoggerMessage(6011, LogLevel.Information, "retrying workload failed: {Reason}")]
    public static partial void RetryFailed(this ILogger logger, string uid, string reason);

    [LoggerMessage(6012, LogLevel.Error, "stopping a proxy failed")]
    public static partial void StopFailed(this ILogger logger, string uid, Exception failure);

    [LoggerMessage(6013, LogLevel.Warning, "request of the node agent refused: {Reason}")]
    public static partial void RequestUnreadable(this ILogger logger, string reason);

    [LoggerMessage(6014, LogLevel.Error, "WorkloadProxyManager run error: {Reason}")]
    public static partial void Fatal(this ILogger logger, string reason);
}
