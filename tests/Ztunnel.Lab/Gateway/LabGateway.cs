using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Ztunnel.Lab;

/// <summary>
/// A network's gateway as meshes have it between them: ends the outer tunnel under its own identity, takes a CONNECT to a
/// service by its name, and forwards what is in the stream, which it cannot read, to the HBONE port of a pod.
/// </summary>
public sealed class LabGateway : IDisposable
{
    private const int HbonePort = 15008;

    private readonly Socket _listener;
    private readonly SslStreamCertificateContext _certificate;
    private readonly ConcurrentDictionary<GatewayTunnel, bool> _open = new();
    private readonly ConcurrentQueue<string> _authorities = new();

    /// <param name="host">Where it listens, as a pod that nothing redirects.</param>
    public LabGateway(Pod host, LabRoot root)
    {
        Host = host;
        _certificate = SslStreamCertificateContext.Create(root.Issue(host), additionalCertificates: null, offline: true);
        _listener = host.Listen(HbonePort);
        _ = AcceptAsync(); // ends when the listener is closed
    }

    public Pod Host { get; }

    /// <summary>Of each service it is a gateway for, by authority: the pod to which its streams go.</summary>
    public ConcurrentDictionary<string, IPAddress> Backends { get; } = new();

    /// <summary>What was asked for so far.</summary>
    public IReadOnlyCollection<string> Authorities => _authorities;

    public int OpenTunnels => _open.Count;

    public void Dispose()
    {
        _listener.Dispose();
        foreach (GatewayTunnel tunnel in _open.Keys)
        {
            tunnel.Dispose();
        }
    }

    /// <summary>The connection for a CONNECT, or none if nobody is behind that name.</summary>
    internal async Task<Socket?> ConnectAsync(string authority)
    {
        _authorities.Enqueue(authority);
        return Backends.TryGetValue(authority, out IPAddress? pod) ? await Host.ConnectAsync(pod, HbonePort) : null;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptAsync()); // ends with its connection
            }
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        socket.NoDelay = true;
        GatewayTunnel tunnel = new(this, new SslStream(new NetworkStream(socket, ownsSocket: true)));
        _open[tunnel] = true;
        try
        {
            await tunnel.RunAsync(HostileTls.Server(_certificate)); // whom a gateway admits is not tested here
        }
        catch (Exception end) when (
            end is IOException or SocketException or ObjectDisposedException or AuthenticationException)
        {
            // The proxy has gone, or it does not trust this gateway.
        }
        finally
        {
            _open.TryRemove(tunnel, out _);
            tunnel.Dispose();
        }
    }
}
