namespace Ztunnel.Admin;

/// <summary>The fixed parts of the status page.</summary>
internal static class StatusMarkup
{
    public const string Head = """
        <!doctype html><html lang=en><head><meta charset=utf-8><title>ztunnel</title>
        <meta name=viewport content="width=device-width,initial-scale=1"><meta http-equiv=refresh content=5><style>
        :root{color-scheme:light dark;--line:#8883;--dim:#888;--ok:#1a7f37;--no:#cf222e}
        body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}
        h1{font-size:1.6rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}
        h1 b{font-size:.9rem;padding:.15rem .6rem;border-radius:1rem;color:#fff;vertical-align:middle}
        .ok{background:var(--ok)}.no{background:var(--no)}.sub{color:var(--dim);margin:.3rem 0}
        .figures{display:flex;flex-wrap:wrap;gap:.6rem;margin:1.2rem 0}
        .figures div{border:1px solid var(--line);border-radius:.5rem;padding:.5rem .9rem;color:var(--dim)}
        .figures strong{display:block;font-size:1.15rem;color:CanvasText;font-variant-numeric:tabular-nums}
        nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1.4rem;list-style:none;padding:0;margin:0}
        .wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9rem}
        th{text-align:left;color:var(--dim);font-weight:500}
        th,td{padding:.25rem .8rem .25rem 0;border-bottom:1px solid var(--line);white-space:nowrap}
        td{font-family:ui-monospace,monospace;font-variant-numeric:tabular-nums}
        code{background:var(--line);border-radius:.25rem;padding:.05rem .3rem}
        </style></head><body>
        """;

    public const string Links = """
        <nav><ul><li><a href=config_dump>config_dump</a> state, policies, certificates, settings
        <li><code>POST logging</code> show the log filter; <code>?level=…</code> changes it, <code>?reset</code> undoes that
        <li><code>POST quitquitquit</code> drain and exit
        <li>metrics on port 15020 <code>/metrics</code>
        <li>readiness on port 15021 <code>/healthz/ready</code></ul></nav>
        """;

    public const string End = "</body></html>\n";
}
