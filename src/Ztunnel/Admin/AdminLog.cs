using Microsoft.Extensions.Logging;
using Ztunnel.Linux;

namespace Ztunnel.Admin;

/// <summary>Everything Admin may log. Ids 9000–9099.</summary>
internal static partial class AdminLog
{
    [LoggerMessage(9001, LogLevel.Information, "listener established")]
    public static partial void ListenerEstablished(ILogger logger, InetEndpoint address, string component);

    [LoggerMessage(9002, LogLevel.Information, "new log filter is {Filter}")]
    public static partial void FilterChanged(ILogger logger, string filter);
}
