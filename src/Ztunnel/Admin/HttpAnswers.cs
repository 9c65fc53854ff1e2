using System.Text;
using Microsoft.AspNetCore.Http;

namespace Ztunnel.Admin;

/// <summary>The forms of answer all sites share.</summary>
internal static class HttpAnswers
{
    /// <summary>A status and nothing else: no body, no content type.</summary>
    public static Task EmptyAsync(this HttpResponse response, int status)
    {
        response.StatusCode = status;
        response.ContentLength = 0;
        return Task.CompletedTask;
    }

    public static Task TextAsync(this HttpResponse response, int status, string text, string type = "text/plain")
    {
        byte[] body = Encoding.UTF8.GetBytes(text);
        response.StatusCode = status;
        response.ContentType = type;
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body, 0, body.Length);
    }
}
