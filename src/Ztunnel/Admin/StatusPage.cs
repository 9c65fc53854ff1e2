using System.Globalization;
using System.Text;
using Ztunnel.Telemetry;

namespace Ztunnel.Admin;

/// <summary>
/// The page a person opens first: how this node is, in one look. Self-contained, no script, light and dark.
/// </summary>
internal sealed class StatusPage(StatusSources sources, TimeProvider time)
{
    private const int MostRows = 200;

    private readonly long _started = time.GetTimestamp();

    public string ToHtml()
    {
        IReadOnlyList<WorkerFigures> workers = sources.Workers();
        HtmlText html = new();
        html.Raw(StatusMarkup.Head);
        WriteTitle(html);
        WriteFigures(html, workers);
        html.Raw(StatusMarkup.Links);
        WriteWorkers(html, workers);
        foreach (StatusTable table in sources.Tables)
        {
            WriteTable(html, table);
        }

        return html.Raw(StatusMarkup.End).ToString();
    }

    private void WriteTitle(HtmlText html)
    {
        string[] pending = sources.Readiness.Pending;
        html.Raw(pending.Length == 0 ? "<h1>ztunnel <b class=ok>ready" : "<h1>ztunnel <b class=no>not ready");
        html.Raw("</b></h1><p class=sub>");
        BuildInfo build = sources.Build;
        html.Text($"{build.Version} · {build.GitRevision} · Istio {build.IstioVersion} · {build.CryptoProvider}");
        foreach ((string key, string value) in sources.Facts)
        {
            html.Text($" · {key} {value}");
        }

        html.Raw("</p>");
        if (pending.Length > 0)
        {
            html.Raw("<p>Waiting for: ").Text(string.Join(", ", pending)).Raw("</p>");
        }
    }

    private void WriteFigures(HtmlText html, IReadOnlyList<WorkerFigures> workers)
    {
        html.Raw("<div class=figures>");
        Figure(html, "up", Uptime(time.GetElapsedTime(_started)));
        Figure(html, "connections", Number(workers.Sum(static w => w.Connections)));
        Figure(html, "workers", Number(workers.Count));
        Figure(html, "memory", Mebibytes(Environment.WorkingSet));
        Figure(html, "managed heap", Mebibytes(GC.GetTotalMemory(false)));
        Figure(html, "descriptors", Number(ProcessFigures.OpenDescriptors()));
        html.Raw("</div>");
    }

    private static void WriteWorkers(HtmlText html, IReadOnlyList<WorkerFigures> workers) =>
        WriteTable(html, new StatusTable(
            "Workers", ["worker", "connections", "turns", "busy", "deferred"], () => workers.Select(WorkerRow)));

    private static string[] WorkerRow(WorkerFigures w) =>
        [$"ztunnel-{w.Index}", Number(w.Connections), Number(w.Turns), Seconds(w.Busy), Number(w.Deferred)];

    private static void WriteTable(HtmlText html, StatusTable table)
    {
        // One more than shown tells whether there is more, without walking 100,000 of them.
        string[][] rows = [.. table.Rows().Take(MostRows + 1)];
        html.Raw("<section><h2>").Text(table.Title).Raw("</h2>");
        if (rows.Length == 0)
        {
            html.Raw("<p class=sub>none</p></section>");
            return;
        }

        html.Raw("<div class=wide><table><thead><tr>");
        Cells(html, "th", table.Headings);
        html.Raw("</tr></thead><tbody>");
        foreach (string[] row in rows.AsSpan(0, Math.Min(rows.Length, MostRows)))
        {
            html.Raw("<tr>");
            Cells(html, "td", row);
            html.Raw("</tr>");
        }

        html.Raw("</tbody></table></div>");
        html.Raw(rows.Length > MostRows ? $"<p class=sub>the first {MostRows}; all are in config_dump</p>" : "");
        html.Raw("</section>");
    }

    private static void Cells(HtmlText html, string element, string[] texts)
    {
        foreach (string text in texts)
        {
            html.Raw($"<{element}>").Text(text).Raw($"</{element}>");
        }
    }

    private static void Figure(HtmlText html, string name, string value) =>
        html.Raw("<div><strong>").Text(value).Raw("</strong>").Text(name).Raw("</div>");

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Mebibytes(long bytes) =>
        string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024.0 * 1024):0.0} MiB");

    private static string Seconds(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s");

    private static string Uptime(TimeSpan up) => up.TotalDays >= 1
        ? $"{up.Days}d {up.Hours}h"
        : up.TotalHours >= 1 ? $"{up.Hours}h {up.Minutes}m" : $"{up.Minutes}m {up.Seconds}s";
}
