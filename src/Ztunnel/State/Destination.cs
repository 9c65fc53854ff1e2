namespace Ztunnel.State;

/// <summary>What an address or name stands for: a workload, a service, or neither.</summary>
internal readonly record struct Destination(Workload? Workload, Service? Service)
{
    public bool IsUnknown => Workload is null && Service is null;

    /// <summary>Whose address is this? A workload's before a service's.</summary>
    public static Destination Classify(MeshSnapshot mesh, NetworkAddress address, string? clientNamespace) =>
        mesh.FindWorkload(address) is { } workload
            ? new Destination(workload, null)
            : new Destination(null, mesh.FindService(address, clientNamespace));

    /// <summary>Whom a waypoint or gateway reference means, for checks of identity.</summary>
    public static Destination Of(MeshSnapshot mesh, GatewayAddress reference) =>
        reference.Address is { } address
            ? Classify(mesh, address, clientNamespace: null)
            : Of(mesh, reference.Hostname.GetValueOrDefault());

    /// <summary>A service's name before a workload's.</summary>
    public static Destination Of(MeshSnapshot mesh, NamespacedHostname hostname) =>
        mesh.FindService(hostname) is { } service
            ? new Destination(null, service)
            : new Destination(mesh.Workloads.Find(hostname), null);
}
