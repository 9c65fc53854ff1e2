using Ztunnel.Config;
using Ztunnel.Telemetry;

namespace Ztunnel.Hosting;

/// <summary>The log as the settings want it.</summary>
internal static class Logging
{
    /// <exception cref="ConfigException"><c>RUST_LOG</c> is not a filter.</exception>
    public static LogFactory Open(LogOptions options, Stream output, TimeProvider time)
    {
        if (!LogFilter.TryParse(options.Filter, out LogFilter? filter, out string error))
        {
            throw ConfigException.BadVariable("RUST_LOG", options.Filter, error);
        }

        return new LogFactory(
            new LogWriter(output), filter, options.IsJson ? LogFormat.Json : LogFormat.Text, time);
    }
}
