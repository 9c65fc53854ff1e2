using Ztunnel.Proxy;
using Ztunnel.Proxy.Pods;

namespace Ztunnel.Hosting;

/// <summary>A pod without a proxy.</summary>
internal sealed class IdleProxy : IPodProxy
{
    public Task StopAsync(bool graceful) => Task.CompletedTask;

    public IReadOnlyList<ConnectionSummary> ListConnections() => [];
}
