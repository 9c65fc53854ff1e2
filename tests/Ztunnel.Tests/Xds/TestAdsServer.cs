using System.Net;
using System.Security.Authentication;
using System.Threading.Channels;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Ztunnel.Protos.Discovery;
using Ztunnel.Tests.ControlPlane;

namespace Ztunnel.Tests.Xds;

/// <summary>
/// Discovery behind real gRPC and TLS on loopback. It does nothing by itself: a test accepts each stream and speaks.
/// </summary>
internal sealed class TestAdsServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly ChannelReader<TestAdsStream> _streams;

    private TestAdsServer(
        WebApplication application, ChannelReader<TestAdsStream> streams, ServerCertificates certificates) =>
        (_application, _streams, Certificates) = (application, streams, certificates);

    public ServerCertificates Certificates { get; }

    public Uri Address => new(_application.Services.GetRequiredService<IServer>()
        .Features.Get<IServerAddressesFeature>()!.Addresses.Single()
        .Replace("127.0.0.1", "localhost", StringComparison.Ordinal));

    /// <param name="certificates">Null: for <c>localhost</c>.</param>
    /// <param name="port">0: any.</param>
    /// <param name="maxRequest">Bytes of one request; null: any.</param>
    public static async Task<TestAdsServer> StartAsync(
        ServerCertificates? certificates = null, int port = 0, int? maxRequest = null)
    {
        certificates ??= ServerCertificates.Make("localhost");
        Channel<TestAdsStream> streams = Channel.CreateUnbounded<TestAdsStream>();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc(options => options.MaxReceiveMessageSize = maxRequest);
        builder.Services.AddSingleton(streams.Writer);
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(
            IPAddress.Loopback,
            port,
            listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.UseHttps(new HttpsConnectionAdapterOptions
                {
                    ServerCertificate = certificates.Server,
                    SslProtocols = SslProtocols.Tls13,
                });
            }));
        WebApplication application = builder.Build();
        application.MapGrpcService<Service>();
        await application.StartAsync();
        return new TestAdsServer(application, streams.Reader, certificates);
    }

    /// <summary>The next stream a client opens.</summary>
    public Task<TestAdsStream> AcceptAsync() => _streams.ReadAsync().AsTask().WaitAsync(TestAdsStream.Patience);

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource now = new(TimeSpan.Zero);
        await _application.StopAsync(now.Token);
        await _application.DisposeAsync();
    }

    private sealed class Service(ChannelWriter<TestAdsStream> streams)
        : AggregatedDiscoveryService.AggregatedDiscoveryServiceBase
    {
        public override Task DeltaAggregatedResources(
            IAsyncStreamReader<DeltaDiscoveryRequest> requestStream,
            IServerStreamWriter<DeltaDiscoveryResponse> responseStream,
            ServerCallContext context)
        {
            TestAdsStream stream = new(requestStream, responseStream, context);
            streams.TryWrite(stream);
            return stream.Ended;
        }
    }
}
