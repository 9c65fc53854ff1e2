using Prometheus;

namespace Ztunnel.Telemetry;

/// <summary>
/// The text of a scrape: OpenMetrics unless told otherwise, whatever content type the answer carries.
/// </summary>
internal static class MetricsExposition
{
    private static readonly Dictionary<string, string> s_noUnits = [];

    public static async Task WriteAsync(MetricSet set, ExpositionText format, Stream output, CancellationToken aborted)
    {
        bool isOpenMetrics = format == ExpositionText.OpenMetrics;
        await using (OpenMetricsStream mended = new(output, isOpenMetrics ? set.Units : s_noUnits))
        {
            await set.Registry.CollectAndExportAsTextAsync(
                mended, isOpenMetrics ? ExpositionFormat.OpenMetricsText : ExpositionFormat.PrometheusText, aborted);
        }

        MetricText own = new(output, format);
        await set.WriteOwnAsync(own, aborted);
        own.Write(isOpenMetrics ? "# EOF\n"u8 : default);
        await own.FlushAsync(aborted);
    }
}
