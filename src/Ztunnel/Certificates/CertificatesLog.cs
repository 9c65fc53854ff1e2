using Microsoft.Extensions.Logging;
using Ztunnel.Identity;

namespace Ztunnel.Certificates;

/// <summary>Everything Certificates may log. Ids 5000–5099; 5006 and 5007 are retired.</summary>
internal static partial class CertificatesLog
{
    [LoggerMessage(5001, LogLevel.Warning, "no chain certs for: {Identity}")]
    public static partial void NoChain(this ILogger logger, SpiffeId identity);

    [LoggerMessage(5002, LogLevel.Warning, "skipping a root certificate: {Reason}")]
    public static partial void RootSkipped(this ILogger logger, string reason);

    [LoggerMessage(5003, LogLevel.Debug,
        "certificate of {Identity} is valid until {NotAfter}, to be renewed at {Refresh}")]
    public static partial void Issued(
        this ILogger logger, SpiffeId identity, DateTimeOffset notAfter, DateTimeOffset refresh);

    // The connections of this workload fail from now on.
    [LoggerMessage(5004, LogLevel.Warning, "no certificate for {Identity}: {Reason}; retrying in {Delay}")]
    public static partial void Unavailable(this ILogger logger, SpiffeId identity, string reason, TimeSpan delay);

    [LoggerMessage(5005, LogLevel.Information,
        "certificate of {Identity} not renewed, the present one ends at {NotAfter}: {Reason}; retrying in {Delay}")]
    public static partial void RefreshFailed(
        this ILogger logger, SpiffeId identity, DateTimeOffset notAfter, string reason, TimeSpan delay);

    [LoggerMessage(5008, LogLevel.Warning,
        "the embedded CA signs certificates: for demonstrations and tests, not for a mesh that must be safe")]
    public static partial void EmbeddedCaInUse(this ILogger logger);
}
