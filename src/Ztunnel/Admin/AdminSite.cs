using Microsoft.AspNetCore.Http;
using Ztunnel.Telemetry;

namespace Ztunnel.Admin;

/// <summary>Port 15000 on localhost: what people and istioctl ask.</summary>
internal sealed class AdminSite(ConfigDump dump, LogFactory log, StatusPage page, Action quit) : IHttpSite
{
    private readonly LoggingPage _logging = new(log);

    public string Name => "admin";

    public Task AnswerAsync(HttpContext http)
    {
        switch (http.Request.Path.Value)
        {
            case "/":
                return http.Response.TextAsync(StatusCodes.Status200OK, page.ToHtml(), "text/html; charset=utf-8");
            case "/config_dump":
                http.Response.ContentType = "application/json";
                return dump.WriteAsync(http.Response.Body, http.RequestAborted);
            case "/logging":
                return _logging.AnswerAsync(http);
            case "/quitquitquit":
                return QuitAsync(http);
            case "/debug/pprof/profile" or "/debug/pprof/heap" or "/debug/pprof/heap/profiling":
                return ProfilePage.AnswerAsync(http);
            default:
                return http.Response.EmptyAsync(StatusCodes.Status404NotFound);
        }
    }

    private Task QuitAsync(HttpContext http)
    {
        if (!HttpMethods.IsPost(http.Request.Method))
        {
            return http.Response.EmptyAsync(StatusCodes.Status405MethodNotAllowed);
        }

        // First the answer, then the end: the servers stop at the start of a drain.
        http.Response.OnCompleted(() =>
        {
            quit();
            return Task.CompletedTask;
        });
        return http.Response.TextAsync(StatusCodes.Status200OK, "shutdown now\n");
    }
}
