using Ztunnel.Linux;

namespace Ztunnel.State;

/// <summary>One connection that asks for a route: who calls from where, what it dialled, and the service behind that.</summary>
internal readonly record struct OutboundCall(
    MeshSnapshot Mesh, Workload Source, InetAddress Client, InetEndpoint Target, Service? Service)
{
    public EndpointDoubts Doubts { get; init; }
}
