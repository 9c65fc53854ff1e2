using Ztunnel.Identity;

namespace Ztunnel.State;

/// <summary>A workload as a backend of one service.</summary>
internal sealed class Endpoint
{
    private IdentitiesOfService? _identities;

    /// <param name="workload">Null when a service's own list names a workload by uid only.</param>
    public Endpoint(string workloadUid, Workload? workload, PortMap ports, HealthStatus status) =>
        (WorkloadUid, Workload, Ports, Status) = (workloadUid, workload, ports, status);

    public string WorkloadUid { get; }

    /// <summary>The workload that announced this endpoint itself; it is replaced together with the endpoint.</summary>
    public Workload? Workload { get; }

    public PortMap Ports { get; }

    public HealthStatus Status { get; }

    public bool MayServe(Service service) =>
        Status == HealthStatus.Healthy || service.LoadBalancer is { HealthPolicy: HealthPolicy.AllowAll };

    /// <summary>
    /// Whom a client may meet here: the service's alternative names and the workload itself. Kept per endpoint, since
    /// every new connection asks for it and the tunnel pool compares it.
    /// </summary>
    public SpiffeId[] ExpectedIdentities(Service service, Workload workload)
    {
        if (service.SubjectIdentities.Length == 0)
        {
            return workload.ExpectedIdentities;
        }

        IdentitiesOfService? known = _identities;
        if (known is null || known.Service != service || known.Workload != workload)
        {
            known = new IdentitiesOfService(service, workload, [.. service.SubjectIdentities, workload.Identity]);
            _identities = known;
        }

        return known.Identities;
    }

    private sealed record IdentitiesOfService(Service Service, Workload Workload, SpiffeId[] Identities);
}
