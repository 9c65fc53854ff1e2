using Microsoft.Extensions.Logging;
using Ztunnel.Identity;

namespace Ztunnel.Certificates.Secrets;

/// <summary>Everything Certificates.Secrets may log. Ids 5050–5059.</summary>
internal static partial class SecretsLog
{
    [LoggerMessage(5050, LogLevel.Debug, "secret {Name}: certificate of {Identity} is valid until {NotAfter}")]
    public static partial void Received(
        this ILogger logger, string name, SpiffeId identity, DateTimeOffset notAfter);

    // What was in force stays; the server has been told.
    [LoggerMessage(5051, LogLevel.Warning, "secret {Name} refused: {Reason}")]
    public static partial void Refused(this ILogger logger, string name, string reason);

    [LoggerMessage(5052, LogLevel.Warning, "secret {Name} was removed by its server, what it held stays in use until it expires")]
    public static partial void Removed(this ILogger logger, string name);

    // Certificate and roots come apart: the other may be on its way.
    [LoggerMessage(5053, LogLevel.Warning, "certificate of {Identity} does not go with the trust bundle: {Reason}")]
    public static partial void Unfit(this ILogger logger, SpiffeId identity, string reason);

    [LoggerMessage(5054, LogLevel.Information, "secret {Name} is overdue, its certificate ends at {NotAfter}: asking again")]
    public static partial void IsOverdue(this ILogger logger, string name, DateTimeOffset notAfter);
}
