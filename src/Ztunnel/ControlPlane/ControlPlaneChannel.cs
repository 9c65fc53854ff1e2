using System.Net.Sockets;
using System.Security.Cryptography;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using Ztunnel.Config;

namespace Ztunnel.ControlPlane;

/// <summary>
/// The gRPC channel to one server of the control plane. Made by the first call, not at start: an idle proxy carries no
/// HTTP client. The root file is read before every call and compared, which sees whatever a watcher of a mounted
/// ConfigMap with its swapped symlinks would see, and costs a few kilobytes per certificate or stream.
/// </summary>
internal sealed class ControlPlaneChannel(ControlPlaneEndpoint endpoint, ILogger logger) : IDisposable
{
    // HTTP/2 PING while a call waits: finds a dead connection before the deadline of the next call does.
    private static readonly TimeSpan s_pingDelay = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_pingTimeout = TimeSpan.FromSeconds(10);

    // Certificates come in bursts, hours apart: between them the connection is not worth its memory.
    private static readonly TimeSpan s_idleTimeout = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private SocketsHttpHandler? _handler;
    private GrpcChannel? _channel;
    private string? _roots; // those of the present channel; null is the system's store

    /// <exception cref="ControlPlaneException">There is no channel yet and none can be made.</exception>
    public GrpcChannel Get()
    {
        if (endpoint.Address.Scheme != Uri.UriSchemeHttps)
        {
            throw new ControlPlaneException($"{endpoint.Name} {endpoint.Address}: only https is spoken with it");
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
                    throw new ControlPlaneException($"roots for {endpoint.Name}: {e.Message}", e);
                }

                logger.RootsNotReloaded(endpoint.Name, e.Message); // tried again by the next call
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

    private string? ReadRoots() => endpoint.Roots.Source switch
    {
        RootSource.File => File.ReadAllText(endpoint.Roots.Value),
        RootSource.Inline => endpoint.Roots.Value,
        _ => null,
    };

    private void Replace(string? roots)
    {
        SocketsHttpHandler handler = new()
        {
            SslOptions = ControlPlaneTls.For(roots, endpoint.AlternativeHostname, endpoint.AllowsTls12),
            ConnectTimeout = endpoint.ConnectTimeout,
            ConnectCallback = ConnectAsync,
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
            logger.RootsReloaded(endpoint.Name, endpoint.Address);
        }

        // The old handler's calls end as they would have; disposing its channel would cancel them.
        _handler?.Dispose();
        _handler = handler;
        _channel = GrpcChannel.ForAddress(endpoint.Address, new GrpcChannelOptions
        {
            HttpHandler = handler,
            MaxReceiveMessageSize = endpoint.MaxMessageSize,
        });
        _roots = roots;
    }

    // The handler's own way, with the kernel's keepalive beside the PINGs: it also finds the dead peer of a
    // connection that carries no call.
    private async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (endpoint.Mark is { } mark)
            {
                Linux.SocketOptions.SetMark(socket, mark);
            }

            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 300);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 75);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 9);
            await socket.ConnectAsync(context.DnsEndPoint, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
