using Ztunnel.Identity;
using Ztunnel.Linux;
using Ztunnel.Proxy;
using Ztunnel.Proxy.Pods;

namespace Ztunnel.Tests.InPod;

/// <summary>Stands for the listeners of a pod: notes how it was stopped.</summary>
internal sealed class RecordingProxy(WorkloadInfo info, NamespaceId network) : IPodProxy
{
    private readonly TaskCompletionSource<bool> _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public WorkloadInfo Info { get; } = info;

    public NamespaceId Network { get; } = network;

    /// <summary>Whether gracefully.</summary>
    public Task<bool> Stopped => _stopped.Task;

    public Task StopAsync(bool graceful)
    {
        _stopped.SetResult(graceful);
        return Task.CompletedTask;
    }

    public IReadOnlyList<ConnectionSummary> Connections { get; init; } = [];

    public IReadOnlyList<ConnectionSummary> ListConnections() => Connections;
}
