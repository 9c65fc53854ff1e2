using System.Globalization;

namespace Ztunnel.Config;

/// <summary>How many workers carry traffic.</summary>
internal static class WorkerCount
{
    /// <param name="concurrency">From the proxy config, or null.</param>
    /// <param name="logicalCores">Of the machine.</param>
    public static int From(EnvironmentReader env, ushort? concurrency, int logicalCores)
    {
        int? limit = env.Cpus("ZTUNNEL_RESOURCE_CPU_LIMIT");
        int? request = env.Cpus("ZTUNNEL_RESOURCE_CPU_REQUEST");
        int cpus = limit ?? env.Positive("ZTUNNEL_CPU_LIMIT") ?? logicalCores;
        int count = env.Text("ZTUNNEL_WORKER_THREADS") is { } threads
            ? Requested(threads, cpus)
            : concurrency switch
            {
                0 => cpus,
                { } fixedCount => fixedCount,
                null when limit is { } explicitLimit => Math.Max(explicitLimit, request ?? 0),
                // A quarter of a big node is plenty for its proxy, and two keep one busy connection from being all.
                null => Math.Max(Math.Max((cpus + 3) / 4, request ?? 0), 2),
            };
        return Math.Max(count, 1);
    }

    private static int Requested(string text, int cpus)
    {
        if (!text.EndsWith('%'))
        {
            return ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort count)
                ? count == 0 ? cpus : count
                : throw Bad(text, $"invalid number: {text}");
        }

        if (!ushort.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort percent))
        {
            throw Bad(text, $"invalid percentage: {text}");
        }

        return percent is > 0 and <= 100
            ? Math.Max(1, (int)((((long)cpus * percent) + 99) / 100))
            : throw Bad(text, "percentage must be between 0 and 100");
    }

    private static ConfigException Bad(string text, string reason) =>
        ConfigException.BadVariable("ZTUNNEL_WORKER_THREADS", text, reason);
}
