using Microsoft.Extensions.Logging;

namespace Ztunnel.Policy;

#pragma warning disable SYSLIB1015 // parameters that the text does not mention are printed as fields behind it

/// <summary>Everything Policy may log. Ids 3000–3099.</summary>
internal static partial class PolicyLog
{
    // The level is the operator's choice (AUTHZ_POLICY_INFO_LOGGING), so it is a parameter of every line.
    [LoggerMessage(EventId = 3000, Message = "dry-run: deny policy match")]
    public static partial void DryRunDenyMatch(this ILogger logger, LogLevel level, string policy);

    [LoggerMessage(EventId = 3001, Message = "deny policy match")]
    public static partial void DenyMatch(this ILogger logger, LogLevel level, string policy);

    [LoggerMessage(EventId = 3002, Message = "dry-run: allow policy match")]
    public static partial void DryRunAllowMatch(this ILogger logger, LogLevel level, string policy);

    [LoggerMessage(EventId = 3003, Message = "dry-run: no allow policies match")]
    public static partial void DryRunNoAllowMatch(this ILogger logger, LogLevel level);

    [LoggerMessage(EventId = 3004, Message = "no allow policies, allow")]
    public static partial void NoAllowPolicies(this ILogger logger, LogLevel level);

    [LoggerMessage(EventId = 3005, Message = "allow policy match")]
    public static partial void AllowMatch(this ILogger logger, LogLevel level, string policy);

    [LoggerMessage(EventId = 3006, Message = "no allow policies matched")]
    public static partial void NoAllowMatched(this ILogger logger, LogLevel level);

    [LoggerMessage(3007, LogLevel.Warning, "skipping unknown policy {policy}")]
    public static partial void UnknownPolicy(this ILogger logger, string policy);
}
