using Ztunnel.Proxy.Pods;

namespace Ztunnel.Proxy;

/// <summary>Everything that runs for one pod: its listeners, connections, tunnels and DNS.</summary>
internal interface IPodProxy
{
    /// <summary>
    /// Graceful: listeners close, connections get the termination deadline. Otherwise the pod is gone, and its
    /// namespace with it: everything is aborted at once. Completes when nothing of the proxy is left; does not fault.
    /// </summary>
    Task StopAsync(bool graceful);

    /// <summary>What is open now, of all workers that answer soon.</summary>
    IReadOnlyList<ConnectionSummary> ListConnections();
}
