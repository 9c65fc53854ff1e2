using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Ztunnel.Protos.Citadel;
using Ztunnel.Tests.ControlPlane;

namespace Ztunnel.Tests.Certificates;

/// <summary>A CA behind real gRPC and TLS on loopback; how it answers is the test's choice.</summary>
internal sealed class TestCaServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private TestCaServer(WebApplication application, X509Certificate2 root) =>
        (_application, Root) = (application, root);

    /// <summary>Signs the server's own certificate, for the name <c>ca.test</c> only if so asked.</summary>
    public X509Certificate2 Root { get; }

    public string RootPem => Root.ExportCertificatePem() + "\n";

    public Uri Address => new(_application.Services.GetRequiredService<IServer>()
        .Features.Get<IServerAddressesFeature>()!.Addresses.Single()
        .Replace("127.0.0.1", "localhost", StringComparison.Ordinal));

    public static async Task<TestCaServer> StartAsync(
        Func<IstioCertificateRequest, ServerCallContext, Task<IEnumerable<string>>> answer,
        string name = "localhost",
        SslProtocols protocols = SslProtocols.Tls13)
    {
        ServerCertificates certificates = ServerCertificates.Make(name);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(new Answer(answer));
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(
            IPAddress.Loopback,
            0,
            listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.UseHttps(
                    new HttpsConnectionAdapterOptions { ServerCertificate = certificates.Server, SslProtocols = protocols });
            }));
        WebApplication application = builder.Build();
        application.MapGrpcService<Service>();
        await application.StartAsync();
        return new TestCaServer(application, certificates.Root);
    }

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource now = new(TimeSpan.Zero);
        await _application.StopAsync(now.Token);
        await _application.DisposeAsync();
    }

    private sealed record Answer(Func<IstioCertificateRequest, ServerCallContext, Task<IEnumerable<string>>> Give);

    private sealed class Service(Answer answer) : IstioCertificateService.IstioCertificateServiceBase
    {
        public override async Task<IstioCertificateResponse> CreateCertificate(
            IstioCertificateRequest request, ServerCallContext context)
        {
            IstioCertificateResponse response = new();
            response.CertChain.AddRange(await answer.Give(request, context));
            return response;
        }
    }
}
