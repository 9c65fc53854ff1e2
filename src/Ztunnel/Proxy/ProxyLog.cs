using Microsoft.Extensions.Logging;
using Ztunnel.Linux;

namespace Ztunnel.Proxy;

/// <summary>Everything Proxy may log beside the access log. Ids 4000–4099.</summary>
internal static partial class ProxyLog
{
    [LoggerMessage(4001, LogLevel.Information, "listener established")]
    public static partial void ListenerEstablished(
        this ILogger logger, InetEndpoint address, string component, bool transparent);

    [LoggerMessage(4002, LogLevel.Warning, "failed to set freebind")]
    public static partial void FreeBindRefused(this ILogger logger, InetAddress source);

    [LoggerMessage(4003, LogLevel.Warning, "failed to bind local addr: {Reason}")]
    public static partial void BindRefused(this ILogger logger, InetAddress source, string reason);

    [LoggerMessage(4004, LogLevel.Error, "Failed TCP handshake {Reason}")]
    public static partial void AcceptFailed(this ILogger logger, string component, string reason);

    [LoggerMessage(4005, LogLevel.Warning, "out of {What}: closing new connections until there is room again")]
    public static partial void Shedding(this ILogger logger, string component, string what);

    // Debug: peers break protocols all day, and no operator can act on it. The metric counts them.
    [LoggerMessage(4006, LogLevel.Debug, "HBONE connection ended: {Reason}")]
    public static partial void TunnelEnded(this ILogger logger, InetEndpoint peer, string reason, string? detail);

    [LoggerMessage(4007, LogLevel.Information,
        "connection {Source}({Identity})->{Destination} ({Uid}) closed because it's no longer allowed after a policy update")]
    public static partial void ClosedByPolicy(
        this ILogger logger, InetEndpoint source, string identity, InetEndpoint destination, string uid);

    [LoggerMessage(4008, LogLevel.Warning,
        "drain duration expired with pending connections, forcefully shutting down")]
    public static partial void DrainExpired(this ILogger logger, string component);

    [LoggerMessage(4009, LogLevel.Information, "shutdown complete")]
    public static partial void ShutdownComplete(this ILogger logger, string component);

    [LoggerMessage(4010, LogLevel.Error, "a connection failed in a way nobody foresaw: {Reason}")]
    public static partial void Unforeseen(this ILogger logger, string reason, Exception failure);

    [LoggerMessage(4011, LogLevel.Warning, "HBONE ping timeout/error")]
    public static partial void PingTimeout(this ILogger logger, InetEndpoint peer);

    [LoggerMessage(4012, LogLevel.Debug, "failed to read SO_ORIGINAL_DST")]
    public static partial void NoOriginalDestination(this ILogger logger, InetEndpoint peer);

    // Debug: the access line tells how it ended, the metric how often it happens.
    [LoggerMessage(4013, LogLevel.Debug, "endpoint {Endpoint} did not take a connection, trying {Other}: {Reason}")]
    public static partial void EndpointFailed(
        this ILogger logger, InetEndpoint source, InetEndpoint endpoint, InetEndpoint other, string reason);
}
