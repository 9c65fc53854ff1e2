using Ztunnel.Identity;

namespace Ztunnel.State;

/// <summary>A workload as a backend: of one service, or of several that find it on the same ports.</summary>
internal sealed class Endpoint
{
    private readonly HealthStatus _declared;
    private IdentitiesOfService[] _identities = []; // of each service that has alternative names

    /// <summary>One that the workload announces itself.</summary>
    public Endpoint(Workload workload, PortMap ports) =>
        (WorkloadUid, Workload, Ports) = (workload.Uid, workload, ports);

    /// <summary>One of a service's own list, which names a workload by its uid only.</summary>
    public Endpoint(string workloadUid, PortMap ports, HealthStatus declared) =>
        (WorkloadUid, Ports, _declared) = (workloadUid, ports, declared);

    public string WorkloadUid { get; }

    /// <summary>The workload that announced this endpoint itself; it is replaced together with the endpoint.</summary>
    public Workload? Workload { get; }

    public PortMap Ports { get; }

    /// <summary>As it is now: it may be another the next time.</summary>
    public HealthStatus Status => Workload?.Status ?? _declared;

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

        foreach (IdentitiesOfService known in _identities)
        {
            if (known.Service == service && known.Workload == workload)
            {
                return known.Identities;
            }
        }

        return Identify(service, workload);
    }

    // Two threads may both come here: what one of them made is made again. Former versions of the service are left out.
    private SpiffeId[] Identify(Service service, Workload workload)
    {
        IdentitiesOfService made = new(service, workload, [.. service.SubjectIdentities, workload.Identity]);
        _identities = [.. _identities.Where(other => other.Service.Key != service.Key), made];
        return made.Identities;
    }

    private sealed record IdentitiesOfService(Service Service, Workload Workload, SpiffeId[] Identities);
}
