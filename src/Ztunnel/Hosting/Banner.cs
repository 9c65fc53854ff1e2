using System.ComponentModel;
using Microsoft.Extensions.Logging;
using Ztunnel.Config;
using Ztunnel.Linux;
using Ztunnel.Telemetry;

namespace Ztunnel.Hosting;

/// <summary>The first lines of the log: what runs, with which limits and settings.</summary>
internal static class Banner
{
    public static void Write(ProxyConfig config, BuildInfo build, ScopeLogger log)
    {
        log.Version(build.ToString());
        RaiseDescriptorLimit(log);
        if (log.IsEnabled(LogLevel.Information))
        {
            // One line of the log in several lines of text, as operators know it.
            log.Begin(LogLevel.Information, $"running with config: {Config.ConfigDump.ToYaml(config)}").Write();
        }

        foreach (string variable in config.Metadata.InvalidJson)
        {
            log.MetadataNotJson(variable);
        }
    }

    private static void RaiseDescriptorLimit(ScopeLogger log)
    {
        try
        {
            DescriptorLimit before = DescriptorLimit.Raise();
            log.DescriptorLimitSet(before.Soft, before.Hard);
        }
        catch (Win32Exception failure)
        {
            log.DescriptorLimitNotSet(failure.Message);
        }
    }
}
