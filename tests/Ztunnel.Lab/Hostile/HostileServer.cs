using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Ztunnel.Lab;

/// <summary>A fake node: answers on the HBONE port as the test tells it to, each connection on a thread.</summary>
public sealed class HostileServer : IDisposable
{
    private const int HbonePort = 15008;
    private const int Backlog = 1024;

    private readonly Socket _listener;
    private readonly SslStreamCertificateContext _certificate;
    private readonly Action<RawConnection>? _serveRaw;
    private readonly Action<HostilePeer>? _serve;
    private readonly MeekThread _accepting;
    private readonly ConcurrentDictionary<MeekThread, RawConnection> _open = new();
    private int _connections;

    private HostileServer(
        LabHost host, SslStreamCertificateContext certificate, Action<RawConnection>? raw, Action<HostilePeer>? serve)
    {
        (_certificate, _serveRaw, _serve) = (certificate, raw, serve);
        _listener = RawConnection.Create(host, AddressFamily.InterNetwork);
        _listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Bind(new IPEndPoint(host.V4, HbonePort));
        _listener.Listen(Backlog);
        _accepting = new MeekThread("hostile-accept", Accept);
    }

    /// <summary>Connections so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Serves below TLS.</summary>
    public static HostileServer Raw(
        LabHost host, SslStreamCertificateContext certificate, Action<RawConnection> serve) =>
        new(host, certificate, serve, null);

    /// <summary>Serves behind a good handshake.</summary>
    public static HostileServer Tls(
        LabHost host, SslStreamCertificateContext certificate, Action<HostilePeer> serve) =>
        new(host, certificate, null, serve);

    public void Dispose()
    {
        _listener.Dispose();
        _accepting.Join();
        foreach ((MeekThread thread, RawConnection connection) in _open)
        {
            connection.Dispose();
            thread.Join();
        }
    }

    private void Accept()
    {
        try
        {
            while (true)
            {
                RawConnection connection = RawConnection.From(_listener.Accept());
                Interlocked.Increment(ref _connections);
                TaskCompletionSource<MeekThread> self = new();
                MeekThread thread = new("hostile-server", () => Serve(connection, self.Task));
                _open[thread] = connection;
                self.SetResult(thread);
            }
        }
        catch (Exception end) when (Ended.By(end))
        {
            // Disposed.
        }
    }

    private void Serve(RawConnection connection, Task<MeekThread> self)
    {
        try
        {
            if (_serveRaw is not null)
            {
                _serveRaw(connection);
            }
            else
            {
                using HostilePeer peer = HostilePeer.Over(
                    connection, FrameLog.OfClient(), tls => tls.AuthenticateAsServer(HostileTls.Server(_certificate)));
                _serve!(peer);
            }
        }
        catch (Exception end) when (Ended.By(end))
        {
            // The proxy has had enough of it, or the test has.
        }
        finally
        {
            connection.Dispose();
            _open.TryRemove(self.GetAwaiter().GetResult(), out _);
        }
    }
}
