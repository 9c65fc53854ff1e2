using Prometheus;

namespace Ztunnel.Telemetry;

/// <summary>The text of a scrape: OpenMetrics unless told otherwise, whatever content type the answer carries.</summary>
internal static class MetricsExposition
{
    public const string OpenMetricsType = "application/openmetrics-text;charset=utf-8;version=1.0.0";
    public const string PlainType = "text/plain; charset=utf-8";

    private static readonly Dictionary<string, string> s_noUnits = [];

    /// <param name="accept">The header; elements are compared up to their parameters, without blanks.</param>
    public static string ContentTypeFor(string? accept)
    {
        foreach (Range range in accept.AsSpan().Split(','))
        {
            ReadOnlySpan<char> element = accept.AsSpan(range);
            int parameters = element.IndexOf(';');
            ReadOnlySpan<char> type = (parameters < 0 ? element : element[..parameters]).Trim();
            if (type.Equals("application/openmetrics-text", StringComparison.OrdinalIgnoreCase))
            {
                return OpenMetricsType;
            }
        }

        return PlainType;
    }

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
