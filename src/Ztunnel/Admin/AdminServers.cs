using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Ztunnel.Linux;
using Ztunnel.Telemetry;

namespace Ztunnel.Admin;

/// <summary>
/// Admin, stats and readiness over HTTP/1.1. One Kestrel serves all three, because each instance brings a thread,
/// timers and pools of its own; which site a connection belongs to is decided by the listener that accepted it. Made
/// without a host and a container: that is half of the memory of an idle process.
/// </summary>
internal sealed class AdminServers : IAsyncDisposable
{
    private readonly AdminOptions _options;
    private readonly ILogger _logger;
    private readonly KestrelServer _server;
    private readonly List<(ListenOptions Listener, IHttpSite Site)> _listeners = [];

    public AdminServers(AdminOptions options, IHttpSite admin, IHttpSite stats, IHttpSite readiness, LogFactory log)
    {
        _options = options;
        _logger = log.CreateLogger("ztunnel::admin");
        KestrelServerOptions kestrel = new() { AddServerHeader = false };
        KestrelServerLimits limits = kestrel.Limits;
        limits.RequestHeadersTimeout = options.HeadTimeout;
        limits.MaxRequestHeadersTotalSize = options.MaxHeadSize;
        limits.MaxRequestLineSize = options.MaxHeadSize;
        limits.MaxRequestBufferSize = 2L * options.MaxHeadSize;
        limits.MaxRequestBodySize = options.MaxHeadSize; // no request needs a body

        Listen(kestrel, options.Readiness, readiness);
        Listen(kestrel, options.Admin, admin);
        Listen(kestrel, options.Stats, stats);

        SocketTransportOptions transport = new()
        {
            IOQueueCount = 0, // few requests: the thread pool serves without queues of its own
            CreateBoundListenSocket = Bind,
        };
        _server = new KestrelServer(
            Options.Create(kestrel), new SocketTransportFactory(Options.Create(transport), log), log);
    }

    /// <summary>The addresses bound, in the order readiness, admin, stats; useful where port 0 was asked for.</summary>
    public IEnumerable<(string Component, InetEndpoint Address)> Bound =>
        _listeners.Select(l => (l.Site.Name, EndpointOf(l.Listener.IPEndPoint!)));

    /// <exception cref="BindException">An address is taken or not ours.</exception>
    public async Task StartAsync(CancellationToken aborted)
    {
        await _server.StartAsync(new HttpSites(), aborted);
        foreach ((string component, InetEndpoint address) in Bound)
        {
            AdminLog.ListenerEstablished(_logger, address, component);
        }
    }

    /// <summary>Stops accepting and lets running requests end.</summary>
    public Task StopAsync(CancellationToken aborted) => _server.StopAsync(aborted);

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource now = new(TimeSpan.Zero);
        await _server.StopAsync(now.Token);
        _server.Dispose();
    }

    private void Listen(KestrelServerOptions kestrel, IReadOnlyList<InetEndpoint> addresses, IHttpSite site)
    {
        foreach (InetEndpoint address in addresses)
        {
            kestrel.Listen(new IPEndPoint(address.Address.ToIPAddress(), address.Port), listener =>
            {
                listener.Protocols = HttpProtocols.Http1;
                listener.Use(next => connection => ServeAsync(connection, site, next));
                _listeners.Add((listener, site));
            });
        }
    }

    // Kestrel's head timeout runs from the first byte; a client that never sends one would stay for minutes.
    private async Task ServeAsync(ConnectionContext connection, IHttpSite site, ConnectionDelegate next)
    {
        using (CancellationTokenSource late = new(_options.HeadTimeout))
        {
            try
            {
                var first = await connection.Transport.Input.ReadAsync(late.Token);
                connection.Transport.Input.AdvanceTo(first.Buffer.Start);
            }
            catch (OperationCanceledException) when (late.IsCancellationRequested)
            {
                connection.Abort();
                return;
            }
        }

        connection.Features.Set(site); // Kestrel's requests see the features of their connection

        // A half-close ends the connection for Kestrel, at times before the request in front of it was read. Hidden, it
        // is met as the end of input behind that request; a client that is gone altogether fails the write.
        connection.ConnectionClosed = CancellationToken.None;
        await next(connection);
    }

    private Socket Bind(EndPoint endpoint)
    {
        try
        {
            return SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        }
        catch (SocketException failure)
        {
            IPEndPoint address = (IPEndPoint)endpoint;
            string component = _listeners.First(l => address.Equals(l.Listener.IPEndPoint)).Site.Name;
            throw new BindException(component, EndpointOf(address), failure);
        }
    }

    private static InetEndpoint EndpointOf(IPEndPoint endpoint) =>
        new(InetAddress.From(endpoint.Address), (ushort)endpoint.Port);
}
