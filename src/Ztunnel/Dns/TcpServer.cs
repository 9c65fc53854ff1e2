using System.ComponentModel;
using Ztunnel.Linux;

namespace Ztunnel.Dns;

/// <summary>A pod's TCP port and the connections that came to it.</summary>
internal sealed class TcpServer(DnsPod pod, QueryHandler handler, TcpSocket listener, TcpClients clients) : IEpollHandler
{
    private const int AcceptsPerSlice = 16;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    private WorkerTimer? _paused;
    private bool _isWatching;
    private bool _hasWarned;

    public TurnAccount Account => pod.Account;

    private DnsServices Services => pod.Services;

    public void Begin()
    {
        _isWatching = true;
        Services.Worker.Watch(listener, EpollEvents.In, this);
    }

    public void OnEvents(EpollEvents events) => _ = AcceptSome();

    /// <summary>Whoever is connected already is served; nobody else is.</summary>
    public void Drain()
    {
        while (AcceptSome())
        {
        }

        Close();
    }

    public void Close()
    {
        _paused?.Cancel();
        Unwatch();
        listener.Dispose();
    }

    /// <returns>Whether there may be more.</returns>
    private bool AcceptSome()
    {
        for (int i = 0; i < AcceptsPerSlice; i++)
        {
            if (listener.Accept(out _, out IoResult result) is not { } socket)
            {
                OnNothing(result);
                return false;
            }

            _hasWarned = false;
            Take(socket);
        }

        return true;
    }

    private void Take(TcpSocket socket)
    {
        if (clients.Count >= Services.Config.Dns.MaxConnectionsPerPod)
        {
            Services.Metrics.Limits.RefusedConnection();
            socket.Reset();
            return;
        }

        try
        {
            new TcpClient(pod, handler, socket, clients).Begin();
        }
        catch (Win32Exception refused) // the kernel has no watch left for it
        {
            Services.Logger.AcceptFailed(refused.Message, "dns");
            socket.Dispose();
        }
    }

    private void OnNothing(IoResult result)
    {
        if (result.WouldBlock || result.Errno == Errno.ECONNABORTED)
        {
            return;
        }

        if (!result.IsOutOfDescriptors)
        {
            Services.Logger.AcceptFailed(result.Text, "dns");
        }
        else
        {
            Warn();
            SpareDescriptor.Shed(listener, AcceptsPerSlice);
        }

        Unwatch(); // a listener that is ready and cannot be served must not spin
        _paused = Services.Worker.Schedule(s_pause, static server => ((TcpServer)server!).Begin(), this);
    }

    private void Warn()
    {
        if (!_hasWarned)
        {
            _hasWarned = true;
            Services.Logger.Shedding("dns");
        }
    }

    private void Unwatch()
    {
        if (_isWatching)
        {
            _isWatching = false;
            Services.Worker.Unwatch(listener);
        }
    }
}
