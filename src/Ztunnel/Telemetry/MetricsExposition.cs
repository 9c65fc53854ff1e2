using Prometheus;

namespace Ztunnel.Telemetry;

/// <summary>The text of a scrape: always OpenMetrics, whatever content type the answer carries.</summary>
internal static class MetricsExposition
{
    public const string OpenMetricsType = "application/openmetrics-text;charset=utf-8;version=1.0.0";
    public const string PlainType = "text/plain; charset=utf-8";

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

    public static async Task WriteAsync(MetricSet set, Stream output, CancellationToken aborted)
    {
        await using OpenMetricsStream mended = new(output, set.Units);
        await set.Registry.CollectAndExportAsTextAsync(mended, ExpositionFormat.OpenMetricsText, aborted);
    }
}
