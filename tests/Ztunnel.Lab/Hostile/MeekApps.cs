using Ztunnel.Linux;

namespace Ztunnel.Lab;

/// <summary>
/// Applications that attackers talk to, in a pod: all connections on one meek thread, so that serving
/// thousands of them takes nothing from those who are measured.
/// </summary>
public sealed class MeekApps : IDisposable
{
    private const int Backlog = 4096;

    private readonly Worker _worker = new(0, new WorkerOptions { NamePrefix = "meek-apps-" });
    private readonly List<TcpSocket> _listeners = [];

    public MeekApps(LabHost host)
    {
        _worker.Post(static _ => MeekThread.BecomeMeek(), null);
        SilentPort = Listen(host, MeekBehaviour.Silent);
        SinkPort = Listen(host, MeekBehaviour.Sink);
        SourcePort = Listen(host, MeekBehaviour.Source);
        _worker.Start();
    }

    /// <summary>Accepts and does nothing.</summary>
    public int SilentPort { get; }

    /// <summary>Takes everything.</summary>
    public int SinkPort { get; }

    /// <summary>Sends for ever.</summary>
    public int SourcePort { get; }

    public void Dispose()
    {
        _worker.Dispose();
        _listeners.ForEach(listener => listener.Dispose());
    }

    private int Listen(LabHost host, MeekBehaviour behaviour)
    {
        TcpSocket listener = host.Inside(
            () => TcpSocket.Listen(new InetEndpoint(InetAddress.AnyV4, 0), Backlog, static _ => { }));
        _listeners.Add(listener);
        _worker.Watch(listener, EpollEvents.In, new MeekListener(_worker, listener, behaviour));
        return listener.LocalEndpoint().Port;
    }
}
