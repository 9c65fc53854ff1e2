using Microsoft.Extensions.Logging;

namespace Ztunnel.ControlPlane;

/// <summary>Everything ControlPlane may log. Ids 5100–5199.</summary>
internal static partial class ControlPlaneLog
{
    [LoggerMessage(5101, LogLevel.Warning,
        "roots for {Server} could not be read again, keeping the present channel: {Reason}")]
    public static partial void RootsNotReloaded(this ILogger logger, string server, string reason);

    [LoggerMessage(5102, LogLevel.Information, "roots for {Server} changed: using a new channel to {Address}")]
    public static partial void RootsReloaded(this ILogger logger, string server, Uri address);
}
