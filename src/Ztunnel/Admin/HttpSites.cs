using System.Net.Mime;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Ztunnel.Admin;

/// <summary>Hands each request to the site of its connection.</summary>
internal sealed class HttpSites : IHttpApplication<HttpContext>
{
    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public async Task ProcessRequestAsync(HttpContext context)
    {
        IHttpSite site = context.Features.GetRequiredFeature<IHttpSite>();
        try
        {
            await site.AnswerAsync(context);
        }
        catch (Exception failure) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            context.Response.Clear();
            await context.Response.TextAsync(StatusCodes.Status500InternalServerError, $"{failure.Message}\n");
        }
    }

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }
}
