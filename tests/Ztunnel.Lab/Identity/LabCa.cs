using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Ztunnel.Protos.Citadel;

namespace Ztunnel.Lab;

/// <summary>
/// Istio's certificate service over real gRPC and TLS, inside the lab; what it answers may change at any time.
/// </summary>
public sealed class LabCa : IAsyncDisposable
{
    private const int Port = 15012;
    private const string Impersonated = "ImpersonatedIdentity";

    private readonly ConcurrentQueue<SigningCall> _calls = new();
    private readonly WebApplication _server;

    private LabCa(LabNetwork lab)
    {
        RootFile = Path.Combine(lab.Folder, "root-cert.pem");
        File.WriteAllText(RootFile, Root.Pem);
        Url = $"https://{lab.Bridge.V4}:{Port}";
        _server = Build(lab);
    }

    public LabRoot Root { get; } = new();

    public string RootFile { get; }

    public string Url { get; }

    /// <summary>How the next calls are answered; one identity may have an answer of its own.</summary>
    public CaAnswer Answer { get; set; } = CaAnswers.Good;

    public ConcurrentDictionary<string, CaAnswer> AnswerFor { get; } = new();

    public IReadOnlyCollection<SigningCall> Calls => _calls;

    public static async Task<LabCa> StartAsync(LabNetwork lab)
    {
        LabCa ca = new(lab);
        await ca._server.StartAsync();
        return ca;
    }

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource now = new(TimeSpan.Zero);
        await _server.StopAsync(now.Token);
        await _server.DisposeAsync();
        Root.Dispose();
    }

    private WebApplication Build(LabNetwork lab)
    {
        X509Certificate2 certificate = Root.Issue(
            new LeafSpec { DnsNames = ["istiod.istio-system.svc"], IpAddress = lab.Bridge.V4.ToString() });
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(this);
        builder.Services.Configure<SocketTransportOptions>(transport => transport.CreateBoundListenSocket =
            endpoint => lab.Bridge.Inside(() => SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint)));
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(
            new IPEndPoint(lab.Bridge.V4, Port),
            listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.UseHttps(certificate);
            }));
        WebApplication application = builder.Build();
        application.MapGrpcService<Service>();
        return application;
    }

    private async Task<IReadOnlyList<string>> AnswerAsync(IstioCertificateRequest request, Metadata headers)
    {
        CertificateRequest signing = CertificateRequest.LoadSigningRequestPem(
            request.Csr, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
        string identity = request.Metadata?.Fields.TryGetValue(Impersonated, out var impersonated) == true
            ? impersonated.StringValue
            : UriOf(signing);
        SigningCall call = new(identity, signing.PublicKey, request.ValidityDuration, headers);
        _calls.Enqueue(call);
        return await (AnswerFor.GetValueOrDefault(identity) ?? Answer)(Root, call);
    }

    // The SAN extension of a SPIFFE request is one URI: context tag 6, length, text.
    private static string UriOf(CertificateRequest signing)
    {
        X509Extension names = signing.CertificateExtensions.First(extension => extension.Oid?.Value == "2.5.29.17");
        int at = names.RawData.AsSpan().IndexOf("spiffe://"u8);
        return System.Text.Encoding.ASCII.GetString(names.RawData.AsSpan(at, names.RawData[at - 1]));
    }

    private sealed class Service(LabCa ca) : IstioCertificateService.IstioCertificateServiceBase
    {
        public override async Task<IstioCertificateResponse> CreateCertificate(
            IstioCertificateRequest request, ServerCallContext context)
        {
            IstioCertificateResponse response = new();
            response.CertChain.AddRange(await ca.AnswerAsync(request, context.RequestHeaders));
            return response;
        }
    }
}
