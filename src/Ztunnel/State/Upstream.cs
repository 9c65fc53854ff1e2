namespace Ztunnel.State;

/// <summary>The workload chosen for a connection, on which port, and as an endpoint of which service, if of any.</summary>
internal readonly record struct Upstream(Workload Workload, ushort Port, Service? Service, Endpoint? Endpoint)
{
    public Identity.SpiffeId[] ExpectedIdentities => Service is not null && Endpoint is not null
        ? Endpoint.ExpectedIdentities(Service, Workload)
        : Workload.ExpectedIdentities;
}
