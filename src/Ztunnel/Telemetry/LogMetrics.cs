using Microsoft.Extensions.Logging;
using Prometheus;

namespace Ztunnel.Telemetry;

/// <summary>The log itself: lines by level, and how often a full queue made somebody wait.</summary>
internal sealed class LogMetrics
{
    public LogMetrics(MetricSet set, LogWriter writer)
    {
        Counter lines = set.Factory.CreateCounter("ztunnel_log_lines_total", "Lines logged.", ["level"]);
        set.Counter(
            "ztunnel_log_waits_total", "Times a line waited because the log queue was full.", () => writer.Waits);
        set.BeforeCollect(() =>
        {
            for (LogLevel level = LogLevel.Trace; level <= LogLevel.Error; level++)
            {
                lines.WithLabels(level.Name()).IncTo(writer.LinesAt(level));
            }
        });
    }
}
