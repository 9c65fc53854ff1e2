using System.Globalization;

namespace Ztunnel.Telemetry;

/// <summary>
/// A duration in the largest unit that leaves a whole part, as log lines show it: <c>2.061257ms</c>, <c>1.5s</c>.
/// </summary>
internal static class DurationText
{
    public static string Of(TimeSpan duration)
    {
        (double value, string unit) = duration.Ticks switch
        {
            >= TimeSpan.TicksPerSecond => (duration.TotalSeconds, "s"),
            >= TimeSpan.TicksPerMillisecond => (duration.TotalMilliseconds, "ms"),
            >= TimeSpan.TicksPerMicrosecond => (duration.TotalMicroseconds, "µs"),
            _ => (duration.TotalNanoseconds, "ns"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#########}{unit}");
    }
}
