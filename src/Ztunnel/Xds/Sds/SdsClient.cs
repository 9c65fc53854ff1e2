using System.Net.Sockets;
using Google.Protobuf;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using Ztunnel.ControlPlane;
using Ztunnel.Protos.Discovery;

namespace Ztunnel.Xds.Sds;

/// <summary>
/// Secrets from a server on a unix socket of this node (envoy, service/secret/v3/sds.proto). Each name has a stream of
/// its own, because istio-agent ends a stream on which it cannot serve one of the names.
/// </summary>
internal sealed class SdsClient : IResourceStream, IAsyncDisposable
{
    private readonly SocketsHttpHandler _connections;
    private readonly GrpcChannel _channel;
    private readonly Node _node;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly Lock _handling = new(); // streams are many, the handler is told one thing at a time
    private readonly Dictionary<string, SdsStream> _streams = [];
    private readonly List<Task> _ending = [];
    private string _typeUrl = "";
    private IResourceHandler? _handler;
    private volatile bool _isDeltaOnly;

    public SdsClient(string socketPath, Node node, TimeProvider time, ILogger logger)
    {
        (SocketPath, _node, _time, _logger) = (socketPath, node, time, logger);
        _connections = new SocketsHttpHandler
        {
            ConnectCallback = (_, cancellation) => ConnectAsync(socketPath, cancellation),
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
        };
        _channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = _connections });
    }

    public string SocketPath { get; }

    /// <summary>The server was found not to know <c>StreamSecrets</c>.</summary>
    public bool IsDeltaOnly => _isDeltaOnly;

    public void Register(string typeUrl, IResourceHandler handler) => (_typeUrl, _handler) = (typeUrl, handler);

    public void Subscribe(string typeUrl, string name)
    {
        lock (_gate)
        {
            if (typeUrl == _typeUrl && !_streams.ContainsKey(name))
            {
                _ending.RemoveAll(static task => task.IsCompleted);
                _streams.Add(name, SdsStream.Start(this, _channel, new SdsQuery(_node, typeUrl, name), _time, _logger));
            }
        }
    }

    public void Unsubscribe(string typeUrl, string name)
    {
        lock (_gate)
        {
            if (_streams.Remove(name, out SdsStream? stream))
            {
                _ending.Add(stream.StopAsync());
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task[] ending;
        lock (_gate)
        {
            ending = [.. _ending, .. _streams.Values.Select(static stream => stream.StopAsync())];
            _streams.Clear();
        }

        await Task.WhenAll(ending);
        _channel.Dispose();
        _connections.Dispose();
    }

    internal string? OnResource(string name, string version, ByteString value)
    {
        lock (_handling)
        {
            return _handler!.OnResource(name, version, value);
        }
    }

    internal void OnRemoved(string name)
    {
        lock (_handling)
        {
            _handler!.OnRemoved(name);
        }
    }

    internal void OnDeltaOnly()
    {
        _isDeltaOnly = true;
        _logger.DeltaOnly(SocketPath);
    }

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellation)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
