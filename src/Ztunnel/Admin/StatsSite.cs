using Microsoft.AspNetCore.Http;
using Ztunnel.Telemetry;

namespace Ztunnel.Admin;

/// <summary>Port 15020: what Prometheus scrapes.</summary>
internal sealed class StatsSite(MetricSet metrics) : IHttpSite
{
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
        http.Response.ContentType = MetricsExposition.ContentTypeFor(http.Request.Headers.Accept);
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
}
