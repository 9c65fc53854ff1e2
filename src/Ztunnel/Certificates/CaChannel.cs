using System.Security.Cryptography;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using Ztunnel.Config;
using Ztunnel.Tls;

namespace Ztunnel.Certificates;

/// <summary>
/// The gRPC channel to the CA. Made by the first request, not at start: an idle proxy carries no HTTP client. The
/// root file is read before every request and compared, which sees whatever a watcher of a mounted ConfigMap with
/// its swapped symlinks would see, and costs a few kilobytes per certificate.
/// </summary>
internal sealed class CaChannel(CaClientOptions options, ILogger logger) : IDisposable
{
    // HTTP/2 PING while a request waits: finds a dead connection before the deadline of the next request does.
    private static readonly TimeSpan s_pingDelay = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_pingTimeout = TimeSpan.FromSeconds(10);

    // Certificates come in bursts, hours apart: between them the connection is not worth its memory.
    private static readonly TimeSpan s_idleTimeout = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private SocketsHttpHandler? _handler;
    private GrpcChannel? _channel;
    private string? _roots; // those of the present channel; null is the system's store

    /// <exception cref="CertificateException">There is no channel yet and none can be made.</exception>
    public GrpcChannel Get()
    {
        if (options.Address.Scheme != Uri.UriSchemeHttps)
        {
            throw new CertificateException(
                $"failed to create CSR: CA_ADDRESS {options.Address}: only https is spoken with the CA");
        }

        lock (_gate)
        {
            try
            {
                string? roots = ReadRoots();
                if (_channel is null || roots != _roots)
                {
                    Replace(roots);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
            {
                if (_channel is null)
                {
                    throw new CertificateException($"failed to create CSR: roots of the CA: {e.Message}", e);
                }

                logger.RootsNotReloaded(e.Message); // tried again by the next request
            }

            return _channel!;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _channel?.Dispose();
            _handler?.Dispose();
        }
    }

    private string? ReadRoots() => options.Roots.Source switch
    {
        RootSource.File => File.ReadAllText(options.Roots.Value),
        RootSource.Inline => options.Roots.Value,
        _ => null,
    };

    private void Replace(string? roots)
    {
        SocketsHttpHandler handler = new()
        {
            SslOptions = ControlPlaneTls.For(roots, options.AlternativeHostname, options.AllowsTls12),
            ConnectTimeout = options.ConnectTimeout,
            KeepAlivePingDelay = s_pingDelay,
            KeepAlivePingTimeout = s_pingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            PooledConnectionIdleTimeout = s_idleTimeout,
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
        };
        if (_handler is not null)
        {
            logger.RootsReloaded(options.Address);
        }

        // The old handler's requests end as they would have; disposing its channel would cancel them.
        _handler?.Dispose();
        _handler = handler;
        _channel = GrpcChannel.ForAddress(options.Address, new GrpcChannelOptions { HttpHandler = handler });
        _roots = roots;
    }
}
