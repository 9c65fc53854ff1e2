using Ztunnel.Dns.Messages;
using Ztunnel.Linux;

namespace Ztunnel.Dns;

/// <summary>The DNS server of one pod, from its bound sockets to its end.</summary>
internal sealed class PodDns
{
    private readonly DnsPod _pod;
    private readonly QueryHandler _handler;
    private readonly TcpClients _clients;
    private readonly UdpServer[] _udp;
    private readonly TcpServer[] _tcp;
    private readonly Action<PodDns> _stopping;
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isDraining;

    /// <param name="stopping">Told once, when the server begins to stop.</param>
    public PodDns(DnsPod pod, DnsSockets sockets, Action<PodDns> stopping)
    {
        (_pod, _stopping) = (pod, stopping);
        _handler = new QueryHandler(pod);
        _clients = new TcpClients(pod);
        _udp = [.. sockets.Udp.Select(socket => new UdpServer(pod, _handler, socket))];
        _tcp = [.. sockets.Tcp.Select(socket => new TcpServer(pod, _handler, socket, _clients))];
        pod.MaybeIdle += OnMaybeIdle;
    }

    public Task StartAsync() => OnWorker(() =>
    {
        Array.ForEach(_udp, static server => server.Begin());
        Array.ForEach(_tcp, static server => server.Begin());
    });

    /// <summary>For who asks in the pod's stead and in this process.</summary>
    /// <returns>The first address of the answer; null: there is none.</returns>
    public Task<InetAddress?> ResolveAsync(string name, bool v6)
    {
        if (NameQuery.Create(name, v6) is not { } message)
        {
            return Task.FromResult<InetAddress?>(null);
        }

        OwnQuery query = new(v6);
        _pod.Services.Worker.Post(
            _ =>
            {
                byte[] scratch = _pod.Services.Scratch;
                int length = _handler.Handle(message, scratch, query);
                if (length > 0)
                {
                    query.Reply(scratch.AsSpan(0, length));
                }
            },
            null);
        return query.Answer;
    }

    /// <summary>
    /// Graceful: queries that wait have the termination deadline, nothing new is taken. Otherwise the pod is gone.
    /// Completes when no socket is left; does not fault.
    /// </summary>
    public async Task StopAsync(bool graceful)
    {
        _stopping(this);
        _pod.Services.Logger.ShuttingDown(_pod.Info.ToString());
        if (graceful)
        {
            await DrainAsync();
        }

        await OnWorker(() => Close(hasDrained: graceful));
        _pod.Services.Logger.Drained(_pod.Info.ToString());
    }

    private async Task DrainAsync()
    {
        await OnWorker(() =>
        {
            _isDraining = true;
            Array.ForEach(_udp, static server => server.Drain());
            Array.ForEach(_tcp, static server => server.Drain());
            _clients.Drain();
            OnMaybeIdle();
        });
        try
        {
            await _idle.Task.WaitAsync(_pod.Services.Config.Drain.Deadline, _pod.Services.Time);
        }
        catch (TimeoutException)
        {
            _pod.Services.Logger.DrainExpired(_pod.Info.ToString());
        }
    }

    private void Close(bool hasDrained)
    {
        if (!hasDrained)
        {
            Array.ForEach(_tcp, static server => server.Close());
        }

        _clients.Abort();
        _pod.Abort();
        Array.ForEach(_udp, static server => server.Close());
        _pod.Source.Release();
    }

    private void OnMaybeIdle()
    {
        if (_isDraining && _pod.Forwarder.Count == 0 && _handler.Waiting == 0 && _clients.Count == 0)
        {
            _idle.TrySetResult();
        }
    }

    private Task OnWorker(Action action)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _pod.Services.Worker.Post(
            _ =>
            {
                try
                {
                    action();
                    done.SetResult();
                }
                catch (Exception failure) // of whoever waits, not of the worker
                {
                    done.SetException(failure);
                }
            },
            null);
        return done.Task;
    }
}
