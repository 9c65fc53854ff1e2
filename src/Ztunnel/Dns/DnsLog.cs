using Microsoft.Extensions.Logging;

namespace Ztunnel.Dns;

/// <summary>Everything Dns may log beside the lines of queries. Ids 5000–5099.</summary>
internal static partial class DnsLog
{
    [LoggerMessage(5001, LogLevel.Information, "starting local DNS server")]
    public static partial void Starting(this ILogger logger, string address, string component, string pod);

    [LoggerMessage(5002, LogLevel.Information, "shutting down the DNS server")]
    public static partial void ShuttingDown(this ILogger logger, string pod);

    [LoggerMessage(5003, LogLevel.Information, "dns server drained")]
    public static partial void Drained(this ILogger logger, string pod);

    [LoggerMessage(5004, LogLevel.Warning, "{Path} cannot be read ({Reason}): assuming that loopback has IPv6")]
    public static partial void LoopbackUnknown(this ILogger logger, string path, string reason);

    [LoggerMessage(5005, LogLevel.Information, "upstream DNS servers of {Path}: {Servers}")]
    public static partial void UpstreamServers(this ILogger logger, string path, string servers);

    [LoggerMessage(5006, LogLevel.Warning, "{Path} cannot be read: {Reason}")]
    public static partial void ResolverFileUnreadable(this ILogger logger, string path, string reason);

    // Debug: one for every query that goes round. The metric says how many.
    [LoggerMessage(5007, LogLevel.Debug,
        "a forwarded query came back to this proxy: the redirect does not spare what the proxy itself sends")]
    public static partial void Looped(this ILogger logger, string pod);

    [LoggerMessage(5008, LogLevel.Error, "Failed TCP handshake {Reason}")]
    public static partial void AcceptFailed(this ILogger logger, string reason, string component);

    [LoggerMessage(5009, LogLevel.Warning,
        "drain duration expired with pending queries, forcefully shutting down the DNS server")]
    public static partial void DrainExpired(this ILogger logger, string pod);

    [LoggerMessage(5010, LogLevel.Warning, "out of file descriptors: closing new connections until there is room again")]
    public static partial void Shedding(this ILogger logger, string component);
}
