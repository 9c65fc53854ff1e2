using Microsoft.AspNetCore.Http;

namespace Ztunnel.Admin;

/// <summary>What one of the servers answers.</summary>
internal interface IHttpSite
{
    /// <summary>The component in log lines: <c>admin</c>, <c>stats</c>, <c>readiness</c>.</summary>
    string Name { get; }

    /// <summary>An exception becomes a 500 with its text, if nothing was sent yet.</summary>
    Task AnswerAsync(HttpContext http);
}
