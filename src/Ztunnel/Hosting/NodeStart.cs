using Ztunnel.Admin;
using Ztunnel.Telemetry;

namespace Ztunnel.Hosting;

/// <summary>
/// The order in which a node comes up. The servers that tell how it is going are first, and no pod's traffic is taken
/// before the mesh is known: not knowing it, a proxy would send in plaintext what belongs into a tunnel.
/// </summary>
internal sealed class NodeStart(NodeProxy node)
{
    private readonly ReadinessTask _mesh = node.Readiness.Register("state manager");
    private readonly ReadinessTask _proxy = node.Readiness.Register("proxy");
    private readonly ReadinessTask _dns = node.Readiness.Register("dns proxy");

    /// <summary>Everything that waits for nobody.</summary>
    /// <exception cref="Exception">This node cannot be started.</exception>
    public async Task PrepareAsync(AdminServers servers)
    {
        node.StartThreads();
        await servers.StartAsync(CancellationToken.None);
        node.Plane.Check();
        node.StaticMesh.Load();
        node.RevocationFile?.Reload();
    }

    /// <summary>Waits for the first answers of the control plane, then carries traffic.</summary>
    /// <param name="vital">Ends when there is no point in waiting.</param>
    /// <returns>What is to be drained at the end.</returns>
    /// <exception cref="StartupFailure">With the address that is taken.</exception>
    public async Task<IDataPlane> RunAsync(Task vital, CancellationToken draining)
    {
        if (node.Xds is { Synced: { } synced }
            && await Task.WhenAny(synced, vital, draining.WhenCancelled()) != synced)
        {
            return new UnstartedPlane();
        }

        node.RereadFiles(); // the wait may have been long
        _mesh.Complete();
        await node.Plane.StartAsync();
        _dns.Complete();
        _proxy.Complete();
        return node.Plane;
    }
}
