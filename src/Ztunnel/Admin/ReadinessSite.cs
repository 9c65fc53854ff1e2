using Microsoft.AspNetCore.Http;
using Ztunnel.Telemetry;

namespace Ztunnel.Admin;

/// <summary>Port 15021: what the kubelet asks.</summary>
internal sealed class ReadinessSite(ReadinessTasks tasks) : IHttpSite
{
    public string Name => "readiness";

    public Task AnswerAsync(HttpContext http)
    {
        if (http.Request.Path != "/healthz/ready")
        {
            return http.Response.EmptyAsync(StatusCodes.Status404NotFound);
        }

        if (!HttpMethods.IsGet(http.Request.Method))
        {
            return http.Response.EmptyAsync(StatusCodes.Status405MethodNotAllowed);
        }

        string[] pending = tasks.Pending;
        return pending.Length == 0
            ? http.Response.TextAsync(StatusCodes.Status200OK, "ready\n")
            : http.Response.TextAsync(
                StatusCodes.Status500InternalServerError, $"not ready, pending: {string.Join(", ", pending)}\n");
    }
}
