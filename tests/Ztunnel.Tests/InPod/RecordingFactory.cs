using System.Collections.Concurrent;
using Ztunnel.Identity;
using Ztunnel.Linux;
using Ztunnel.Proxy;

namespace Ztunnel.Tests.InPod;

/// <summary>Stands for the binding of listeners, which may find their ports taken.</summary>
internal sealed class RecordingFactory : IPodProxyFactory
{
    private volatile string? _conflict;

    public ConcurrentQueue<RecordingProxy> Started { get; } = new();

    /// <summary>Why starts fail at the moment; null: they do not.</summary>
    public string? Conflict
    {
        get => _conflict;
        set => _conflict = value;
    }

    public Task<IPodProxy> StartAsync(WorkloadInfo workload, NetworkNamespace network, CancellationToken cancellation)
    {
        if (Conflict is { } conflict)
        {
            throw new IOException(conflict);
        }

        RecordingProxy proxy = new(workload, network.Id);
        Started.Enqueue(proxy);
        return Task.FromResult<IPodProxy>(proxy);
    }
}
