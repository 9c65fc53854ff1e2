using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Ztunnel.Lab;

/// <summary>An application in a pod: accepts, records who came, and serves each connection as it is told.</summary>
public sealed class AppServer : IDisposable
{
    private readonly Socket _listener;
    private readonly Func<Socket, Task> _serve;
    private readonly ConcurrentQueue<IPEndPoint> _callers = new();
    private readonly ConcurrentDictionary<Socket, bool> _open = new();

    /// <param name="serve">One connection from its first byte to its end; the server closes it afterwards.</param>
    public AppServer(LabHost host, Func<Socket, Task> serve, int port = 0)
    {
        (Host, _listener, _serve) = (host, host.Listen(port), serve);
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _ = AcceptAsync(); // ends when the listener is closed
    }

    public LabHost Host { get; }

    public int Port { get; }

    /// <summary>Addresses the connections came from, IPv4 ones as such.</summary>
    public IReadOnlyCollection<IPEndPoint> Callers => _callers;

    public int OpenConnections => _open.Count;

    public static AppServer Echo(LabHost host, int port = 0) => new(host, Apps.EchoAsync, port);

    public void Dispose()
    {
        _listener.Dispose();
        foreach (Socket socket in _open.Keys)
        {
            socket.Dispose();
        }
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptAsync();
            }
            catch (Exception end) when (end is SocketException or ObjectDisposedException)
            {
                return; // disposed
            }

            _ = ServeAsync(socket); // ends with its connection; failures are what some tests want
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        _open[socket] = true;
        try
        {
            IPEndPoint caller = (IPEndPoint)socket.RemoteEndPoint!;
            IPAddress address = caller.Address.IsIPv4MappedToIPv6 ? caller.Address.MapToIPv4() : caller.Address;
            _callers.Enqueue(new IPEndPoint(address, caller.Port));
            socket.NoDelay = true;
            await _serve(socket);
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // The caller went away: its affair.
        }
        finally
        {
            _open.TryRemove(socket, out _);
            socket.Dispose();
        }
    }
}
