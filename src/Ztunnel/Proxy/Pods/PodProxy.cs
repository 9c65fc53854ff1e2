using Microsoft.Extensions.Logging;
using Ztunnel.Linux;
using Ztunnel.OpenSsl;
using Ztunnel.State;

namespace Ztunnel.Proxy.Pods;

/// <summary>Everything that runs for one pod, on all workers.</summary>
internal sealed class PodProxy : IPodProxy
{
    private static readonly TimeSpan s_dumpPatience = TimeSpan.FromSeconds(2);

    private readonly PodContext _pod;
    private readonly IReadOnlyList<PodWorker> _workers;
    private readonly IReadOnlyList<TcpSocket> _listeners;
    private readonly IReadOnlyList<Acceptor>[] _acceptors; // by listener
    private readonly ILogger _logger;

    public PodProxy(
        PodContext pod, IReadOnlyList<PodWorker> workers, IReadOnlyList<PodListener> listeners, ILogger logger)
    {
        (_pod, _workers, _logger) = (pod, workers, logger);
        _listeners = [.. listeners.Select(static listener => listener.Socket)];
        _acceptors =
        [
            .. listeners.Select(listener => (IReadOnlyList<Acceptor>)
                [.. workers.Select(worker => new Acceptor(worker, listener.Socket, listener.Component, listener.Accepted))]),
        ];
    }

    public Task StartAsync()
    {
        _pod.Services.Mesh.Changed += OnMeshChanged;
        _pod.Services.Revocations.Changed += OnRevocationsChanged;
        return OnEachWorker(at =>
        {
            foreach (IReadOnlyList<Acceptor> acceptors in _acceptors)
            {
                acceptors[at].Begin(acceptors);
            }
        });
    }

    public async Task StopAsync(bool graceful)
    {
        _pod.Services.Mesh.Changed -= OnMeshChanged;
        await OnEachWorker(at =>
        {
            foreach (IReadOnlyList<Acceptor> acceptors in _acceptors)
            {
                acceptors[at].Close();
            }
        });
        foreach (TcpSocket listener in _listeners)
        {
            listener.Dispose();
        }

        Task empty = Task.WhenAll(_workers.Select(static worker => worker.Empty));
        if (graceful)
        {
            await DrainAsync(empty);
        }

        _pod.Services.Revocations.Changed -= OnRevocationsChanged; // not before: what drains may be revoked
        await _pod.Aborted.CancelAsync(); // tunnels nobody waits for any more may still be on their way up
        await OnEachWorker(at => _workers[at].Abort()); // also where it is empty: idle tunnels close
        await empty;
        _logger.ShutdownComplete(_pod.Info.ToString());
    }

    public IReadOnlyList<ConnectionSummary> ListConnections()
    {
        List<ConnectionSummary>[] lists = new List<ConnectionSummary>[_workers.Count];
        OnEachWorker(at => lists[at] = _workers[at].List()).Wait(s_dumpPatience);
        return [.. lists.Where(static list => list is not null).SelectMany(static list => list)];
    }

    private async Task DrainAsync(Task empty)
    {
        await OnEachWorker(at => _workers[at].Drain());
        try
        {
            await empty.WaitAsync(_pod.Services.Config.Drain.Deadline, _pod.Services.Time);
        }
        catch (TimeoutException)
        {
            _logger.DrainExpired(_pod.Info.ToString());
        }
    }

    private void OnMeshChanged(MeshChange change)
    {
        if (!change.PoliciesChanged && !change.Concerns(_pod.Info))
        {
            return;
        }

        foreach (PodWorker worker in _workers)
        {
            worker.Proxy.Worker.Post(
                static state =>
                {
                    (PodWorker pod, MeshSnapshot mesh) = ((PodWorker, MeshSnapshot))state!;
                    pod.Recheck(mesh);
                },
                (worker, change.Snapshot));
        }
    }

    private void OnRevocationsChanged(RevocationLists lists)
    {
        foreach (PodWorker worker in _workers)
        {
            worker.Proxy.Worker.Post(
                static state =>
                {
                    (PodWorker pod, RevocationLists lists) = ((PodWorker, RevocationLists))state!;
                    pod.RecheckPeers(lists);
                },
                (worker, lists));
        }
    }

    private Task OnEachWorker(Action<int> action)
    {
        Task[] done = new Task[_workers.Count];
        for (int i = 0; i < done.Length; i++)
        {
            int at = i;
            TaskCompletionSource finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
            done[at] = finished.Task;
            _workers[at].Proxy.Worker.Post(
                _ =>
                {
                    try
                    {
                        action(at);
                        finished.SetResult();
                    }
                    catch (Exception e) // of whoever waits, not of the worker
                    {
                        finished.SetException(e);
                    }
                },
                null);
        }

        return Task.WhenAll(done);
    }
}
