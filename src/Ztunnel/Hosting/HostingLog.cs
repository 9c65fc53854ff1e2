using Microsoft.Extensions.Logging;

namespace Ztunnel.Hosting;

/// <summary>Everything Hosting may log. Ids 10000–10099.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(10001, LogLevel.Information, "version: {Version}")]
    public static partial void Version(this ILogger logger, string version);

    [LoggerMessage(10002, LogLevel.Information, "set file descriptor limits from {Before} to {After}")]
    public static partial void DescriptorLimitSet(this ILogger logger, ulong before, ulong after);

    // Runs on with what it has: fewer connections than the node could carry.
    [LoggerMessage(10003, LogLevel.Warning, "failed to set file descriptor limits: {Reason}")]
    public static partial void DescriptorLimitNotSet(this ILogger logger, string reason);

    [LoggerMessage(10005, LogLevel.Error, "{Variable} is not JSON and was left out of the proxy metadata")]
    public static partial void MetadataNotJson(this ILogger logger, string variable);

    [LoggerMessage(10006, LogLevel.Information, "shared proxy mode - in-pod mode enabled")]
    public static partial void SharedMode(this ILogger logger);

    [LoggerMessage(10007, LogLevel.Information, "proxy mode enabled")]
    public static partial void DedicatedMode(this ILogger logger);

    [LoggerMessage(10008, LogLevel.Information, "creating ztunnel self-proxy listener with identity: {Identity}")]
    public static partial void SelfListener(this ILogger logger, string identity);

    [LoggerMessage(10009, LogLevel.Information, "Starting ztunnel inbound listener task")]
    public static partial void SelfListenerStarted(this ILogger logger);

    [LoggerMessage(10020, LogLevel.Information, "local config initialized")]
    public static partial void StaticMeshLoaded(this ILogger logger, int workloads, int services, int policies);

    [LoggerMessage(10021, LogLevel.Information, "local config changed")]
    public static partial void StaticMeshReloaded(this ILogger logger, int workloads, int services, int policies);

    // The mesh goes on as it was; what the operator wanted to change is not in force.
    [LoggerMessage(10022, LogLevel.Error, "local config not changed, the previous one stays in force: {Reason}")]
    public static partial void StaticMeshRefused(this ILogger logger, string reason);

    [LoggerMessage(10023, LogLevel.Warning, "changes of {Path} need a restart, it cannot be watched: {Reason}")]
    public static partial void StaticMeshNotWatched(this ILogger logger, string path, string reason);

    [LoggerMessage(10030, LogLevel.Information, "certificate revocation lists loaded")]
    public static partial void RevocationsLoaded(this ILogger logger, string path, int lists);

    // Nobody is revoked, or whoever was before: what a missing mount must not do is end the mesh.
    [LoggerMessage(10031, LogLevel.Warning, "{Path} is not there: no certificate is revoked by it until it is")]
    public static partial void RevocationsMissing(this ILogger logger, string path);

    [LoggerMessage(10032, LogLevel.Warning, "{Path} cannot be used, the lists that were in force stay: {Reason}")]
    public static partial void RevocationsRefused(this ILogger logger, string path, string reason);

    [LoggerMessage(10033, LogLevel.Warning, "changes of {Path} need a restart, it cannot be watched: {Reason}")]
    public static partial void RevocationsNotWatched(this ILogger logger, string path, string reason);

    [LoggerMessage(10040, LogLevel.Information, "received signal {Signal}, starting shutdown")]
    public static partial void SignalReceived(this ILogger logger, string signal);

    [LoggerMessage(10041, LogLevel.Information, "received explicit shutdown signal")]
    public static partial void QuitReceived(this ILogger logger);

    [LoggerMessage(10042, LogLevel.Information, "Double Ctrl+C, exit immediately")]
    public static partial void DoubleInterrupt(this ILogger logger);

    [LoggerMessage(10043, LogLevel.Information, "shutdown complete")]
    public static partial void ShutdownComplete(this ILogger logger, string component);

    [LoggerMessage(10044, LogLevel.Warning, "the drain did not end within {Limit}, exiting without it")]
    public static partial void DrainOverdue(this ILogger logger, TimeSpan limit);

    [LoggerMessage(10050, LogLevel.Error, "worker {Worker} died: {Reason}")]
    public static partial void WorkerDied(this ILogger logger, string worker, string reason);

    // On request only: an operator reads the reason, a developer the way to it.
    [LoggerMessage(10052, LogLevel.Debug, "stack of the unhandled exception: {Stack}")]
    public static partial void UnhandledStack(this ILogger logger, string stack);

    [LoggerMessage(10051, LogLevel.Error, "unhandled exception, exiting: {Reason}")]
    public static partial void Unhandled(this ILogger logger, string reason);
}
