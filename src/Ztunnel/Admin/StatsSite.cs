using Microsoft.AspNetCore.Http;
using Ztunnel.Telemetry;

namespace Ztunnel.Admin;

/// <summary>Port 15020: what Prometheus scrapes.</summary>
internal sealed class StatsSite(MetricSet metrics) : IHttpSite
{
    private const string OpenMetricsType = "application/openmetrics-text;charset=utf-8;version=1.0.0";
    private const string PlainType = "text/plain; charset=utf-8";

    public string Name => "stats";

    public async Task AnswerAsync(HttpContext http)
    {
        if (http.Request.Path.Value is not ("/metrics" or "/stats/prometheus"))
        {
            await http.Response.EmptyAsync(StatusCodes.Status404NotFound);
            return;
        }

        // Ours, for promtool and people; a scraper's Accept never changes the text, as the contract says.
        ExpositionText format = http.Request.Query["format"] == "prometheus"
            ? ExpositionText.Prometheus
            : ExpositionText.OpenMetrics;
        http.Response.ContentType = ContentTypeFor(http.Request.Headers.Accept);
        ContentCoding coding = ContentCodings.Choose(http.Request.Headers.AcceptEncoding);
        http.Response.Headers.Vary = "accept, accept-encoding";
        if (coding == ContentCoding.Identity)
        {
            await MetricsExposition.WriteAsync(metrics, format, http.Response.Body, http.RequestAborted);
            return;
        }

        http.Response.Headers.ContentEncoding = coding.Name();
        await using Stream compressed = coding.Compress(http.Response.Body);
        await MetricsExposition.WriteAsync(metrics, format, compressed, http.RequestAborted);
    }

    /// <summary>
    /// By the Accept header, whose elements are compared up to their parameters; the text is the same.
    /// </summary>
    internal static string ContentTypeFor(string? accept)
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
}
