using Ztunnel.Identity;

namespace Ztunnel.State;

/// <summary>
/// Everything known of the mesh at one moment: whoever holds it sees one consistent picture, without locks, whatever
/// arrives meanwhile, but for the health of workloads, which is always today's. Ask <see cref="MeshState.Current"/> anew
/// for every connection.
/// </summary>
/// <param name="Version">Counts the batches applied.</param>
internal sealed record MeshSnapshot(long Version, WorkloadIndex Workloads, ServiceIndex Services, PolicyIndex Policies)
{
    public static MeshSnapshot Empty { get; } = new(0, WorkloadIndex.Empty, ServiceIndex.Empty, PolicyIndex.Empty);

    public Workload? FindWorkload(string uid) => Workloads.Find(uid);

    public Workload? FindWorkload(NetworkAddress address) => Workloads.Find(address);

    public Workload? FindWorkload(WorkloadInfo info) => Workloads.Find(info);

    public Service? FindService(NamespacedHostname name) => Services.Find(name);

    public Service? FindService(NetworkAddress address, string? clientNamespace) => Services.Find(address, clientNamespace);

    public EndpointSet EndpointsOf(Service service) => Services.EndpointsOf(service.Key);

    public Workload? WorkloadOf(Endpoint endpoint) => endpoint.Workload ?? Workloads.Find(endpoint.WorkloadUid);
}
