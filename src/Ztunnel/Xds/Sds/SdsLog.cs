using Microsoft.Extensions.Logging;

namespace Ztunnel.Xds.Sds;

/// <summary>Everything Xds.Sds may log. Ids 7080–7089.</summary>
internal static partial class SdsLog
{
    [LoggerMessage(7080, LogLevel.Warning, "secret {Name} from {Socket}: {Reason}; asking again in {Delay}")]
    public static partial void StreamFailed(
        this ILogger logger, string name, string socket, string reason, TimeSpan delay);

    [LoggerMessage(7081, LogLevel.Debug, "secret {Name}: {Socket} ended the stream; asking again in {Delay}")]
    public static partial void StreamEnded(this ILogger logger, string name, string socket, TimeSpan delay);

    [LoggerMessage(7082, LogLevel.Information, "{Socket} does not know StreamSecrets, going on with DeltaSecrets")]
    public static partial void DeltaOnly(this ILogger logger, string socket);
}
