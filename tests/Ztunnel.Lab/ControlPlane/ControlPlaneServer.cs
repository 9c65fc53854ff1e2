using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ztunnel.Lab;

/// <summary>
/// Kestrel inside the lab: gRPC over TLS on the bridge, and in clear on a Unix socket. May be stopped and started
/// again.
/// </summary>
internal sealed class ControlPlaneServer(LabNetwork lab, LabControlPlane plane)
{
    private const int Port = 15012;
    private const int MaxRequest = 64 * 1024 * 1024; // retained versions of a very large mesh

    private WebApplication? _application;

    public string AgentSocket { get; } = Path.Combine(lab.Folder, "agent.sock");

    public static string UrlIn(LabNetwork lab) => $"https://{lab.Bridge.V4}:{Port}";

    public async Task StartAsync()
    {
        _application = Build();
        await _application.StartAsync();
    }

    public async Task StopAsync()
    {
        if (_application is { } application)
        {
            _application = null;
            using CancellationTokenSource now = new(TimeSpan.Zero);
            await application.StopAsync(now.Token);
            await application.DisposeAsync();
        }
    }

    private WebApplication Build()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = MaxRequest);
        builder.Services.AddSingleton(plane);
        builder.Services.Configure<SocketTransportOptions>(transport => transport.CreateBoundListenSocket =
            endpoint => lab.Bridge.Inside(() => SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint)));
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(Listen);
        WebApplication application = builder.Build();
        application.MapGrpcService<CertificateService>();
        application.MapGrpcService<DiscoveryService>();
        application.MapGrpcService<SecretService>();
        return application;
    }

    private void Listen(KestrelServerOptions kestrel)
    {
        X509Certificate2 certificate = plane.Ca.Root.Issue(new LeafSpec
        {
            DnsNames = ["istiod.istio-system.svc"],
            IpAddress = lab.Bridge.V4.ToString(),
        });
        kestrel.Listen(new IPEndPoint(lab.Bridge.V4, Port), listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.UseHttps(certificate);
        });
        File.Delete(AgentSocket);
        kestrel.ListenUnixSocket(AgentSocket, listen => listen.Protocols = HttpProtocols.Http2);
    }
}
