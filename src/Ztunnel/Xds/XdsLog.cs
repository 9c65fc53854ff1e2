using Microsoft.Extensions.Logging;

namespace Ztunnel.Xds;

/// <summary>Everything Xds may log. Ids 7000–7099.</summary>
internal static partial class XdsLog
{
    [LoggerMessage(7001, LogLevel.Information, "Stream established")]
    public static partial void Established(this ILogger logger);

    [LoggerMessage(7002, LogLevel.Warning, "XDS client connection error: {Error}, retrying in {Delay}")]
    public static partial void ConnectionFailed(this ILogger logger, string error, TimeSpan delay);

    [LoggerMessage(7003, LogLevel.Warning, "XDS client error: {Error}, retrying in {Delay}")]
    public static partial void StreamFailed(this ILogger logger, string error, TimeSpan delay);

    // What a control plane does when it is restarted, or after the age it gives a connection.
    [LoggerMessage(7004, LogLevel.Debug, "XDS client terminated: {Error}, retrying in {Delay}")]
    public static partial void Reconnecting(this ILogger logger, string error, TimeSpan delay);

    [LoggerMessage(7005, LogLevel.Warning, "XDS client complete")]
    public static partial void Complete(this ILogger logger);

    [LoggerMessage(7006, LogLevel.Debug, "no more requests on this stream: {Reason}")]
    public static partial void SendingEnded(this ILogger logger, string reason);

    // At the size of mesh where this comes about, the first answer to the next stream is a whole mesh again.
    [LoggerMessage(7007, LogLevel.Warning,
        "the control plane takes no request that names all we know of it: not naming it from now on")]
    public static partial void RequestTooLarge(this ILogger logger);

    [LoggerMessage(7008, LogLevel.Information, "removed what the control plane has not sent again")]
    public static partial void Swept(this ILogger logger, string typeUrl, int removes);

    [LoggerMessage(7010, LogLevel.Debug, "received response")]
    public static partial void Received(this ILogger logger, string typeUrl, int size, int removes);

    [LoggerMessage(7011, LogLevel.Debug, "sending response")]
    public static partial void Acknowledged(this ILogger logger, string typeUrl, string nonce, string type);

    // What was refused stays as it was: the mesh is not what the control plane says it is.
    [LoggerMessage(7012, LogLevel.Error, "sending response")]
    public static partial void Refused(this ILogger logger, string typeUrl, string nonce, string type, string error);

    [LoggerMessage(7013, LogLevel.Error, "unknown type")]
    public static partial void UnknownType(this ILogger logger, string typeUrl);

    [LoggerMessage(7014, LogLevel.Warning, "tried to remove {Name}, but it was not found")]
    public static partial void UnknownRemoved(this ILogger logger, string name);

    // Connections to it fail.
    [LoggerMessage(7020, LogLevel.Warning, "on demand resource {Name} has not come in time")]
    public static partial void FetchOverdue(this ILogger logger, string name);
}
