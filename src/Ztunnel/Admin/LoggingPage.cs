using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Ztunnel.Telemetry;

namespace Ztunnel.Admin;

/// <summary><c>/logging</c>: shows and changes the log filter. Tools compare its texts.</summary>
internal sealed class LoggingPage(LogFactory log)
{
    private const string Help =
        "\nusage: POST /logging\t\t\t\t\t\t(To list current level)\n"
        + "usage: POST /logging?level=<level>\t\t\t\t(To change global levels)\n"
        + "usage: POST /logging?level={mod1}:{level1},{mod2}:{level2}\t(To change specific mods' logging level)\n"
        + "\nhint: loglevel:\terror|warn|info|debug|trace|off\n"
        + "hint: mod_name:\tthe module name, i.e. ztunnel::proxy\n";

    private readonly ILogger _logger = log.CreateLogger("ztunnel::admin");

    public Task AnswerAsync(HttpContext http)
    {
        if (!HttpMethods.IsPost(http.Request.Method))
        {
            return http.Response.TextAsync(StatusCodes.Status405MethodNotAllowed, $"Invalid HTTP method\n {Help}");
        }

        bool reset = http.Request.Query.ContainsKey("reset");
        string level = http.Request.Query["level"].ToString();
        LogFilter filter = reset ? log.StartupFilter : log.Filter;
        if (level.Length > 0 && !filter.TryWith(level, out filter!))
        {
            return http.Response.TextAsync(StatusCodes.Status400BadRequest, $"Invalid level provided: {level}\n{Help}");
        }

        if (reset || level.Length > 0)
        {
            log.Apply(filter);
            AdminLog.FilterChanged(_logger, filter.ToString());
        }

        return http.Response.TextAsync(StatusCodes.Status200OK, $"current log level is {filter}\n");
    }
}
