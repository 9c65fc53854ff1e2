using System.ComponentModel;
using System.Threading.Channels;
using Ztunnel.Linux;

namespace Ztunnel.Lab;

/// <summary>
/// The CNI agent's side of ZDS: listens, tells a proxy which pods there are, records what it answers.
/// </summary>
public sealed class ZdsAgent : IDisposable
{
    private readonly SeqPacketSocket _listener;
    private readonly Thread _thread;
    private readonly Channel<ZdsConnection> _accepted = Channel.CreateUnbounded<ZdsConnection>();
    private readonly Lock _lock = new();
    private readonly List<ZdsConnection> _connections = [];
    private readonly List<Pod> _pods;
    private volatile bool _disposed;

    /// <param name="pods">Of the snapshot every new connection gets, unless the agent is told to leave that to the test.</param>
    /// <param name="answers">False: connections wait for the test to speak, see <see cref="NextConnectionAsync"/>.</param>
    public ZdsAgent(string path, IEnumerable<Pod> pods, bool answers = true)
    {
        (SocketPath, _pods, Answers) = (path, [.. pods], answers);
        _listener = SeqPacketSocket.Listen(path, backlog: 8);
        _thread = new Thread(Accept) { IsBackground = true, Name = "zds" };
        _thread.Start();
    }

    public string SocketPath { get; }

    /// <summary>New connections get the hello read and the snapshot sent.</summary>
    public bool Answers { get; set; }

    /// <summary>The latest connection whose snapshot is through.</summary>
    public ZdsConnection Current
    {
        get
        {
            lock (_lock)
            {
                return _connections.LastOrDefault() ?? throw new LabException("no proxy is connected over ZDS");
            }
        }
    }

    public bool IsSynced
    {
        get
        {
            lock (_lock)
            {
                return _connections.Count > 0;
            }
        }
    }

    /// <summary>The next connection: after its snapshot, or at once where <see cref="Answers"/> is false.</summary>
    public Task<ZdsConnection> NextConnectionAsync() =>
        Patience.ForAsync(_accepted.Reader.ReadAsync().AsTask(), "a ZDS connection");

    /// <summary>Adds a pod for this and all later connections; the answer's error, empty on success.</summary>
    public string Add(Pod pod)
    {
        lock (_lock)
        {
            _pods.Add(pod);
        }

        return Current.Add(pod);
    }

    public string Delete(Pod pod)
    {
        lock (_lock)
        {
            _pods.Remove(pod);
        }

        return Current.Delete(pod.ZdsUid);
    }

    public void Dispose()
    {
        _disposed = true;
        _listener.Shutdown();
        _thread.Join();
        _listener.Dispose();
        lock (_lock)
        {
            _connections.ForEach(connection => connection.Dispose());
        }

        File.Delete(SocketPath);
    }

    private void Accept()
    {
        while (!_disposed)
        {
            try
            {
                ZdsConnection connection = new(_listener.Accept());
                if (Answers)
                {
                    connection.Hello();
                    SendSnapshot(connection);
                    lock (_lock)
                    {
                        _connections.Add(connection);
                    }
                }

                _accepted.Writer.TryWrite(connection);
            }
            catch (Exception failure) when (failure is Win32Exception or EndOfStreamException)
            {
                // The listener is shut down, or the proxy went away in the middle: it will come again.
            }
        }
    }

    private void SendSnapshot(ZdsConnection connection)
    {
        List<Pod> pods;
        lock (_lock)
        {
            pods = [.. _pods];
        }

        pods.ForEach(pod => connection.Add(pod));
        connection.EndSnapshot();
    }
}
