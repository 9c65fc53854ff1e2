using System.Text.Json;

namespace Ztunnel.Proxy;

/// <summary>Everything that runs for one pod: its listeners, connections, tunnels and DNS.</summary>
internal interface IPodProxy
{
    /// <summary>
    /// Graceful: listeners close, connections get the termination deadline. Otherwise the pod is gone, and its
    /// namespace with it: everything is aborted at once. Completes when nothing of the proxy is left; does not fault.
    /// </summary>
    Task StopAsync(bool graceful);

    /// <summary>The value of <c>connections</c> in the config dump.</summary>
    void WriteConnections(Utf8JsonWriter json);
}
