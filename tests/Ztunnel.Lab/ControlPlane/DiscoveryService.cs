using Grpc.Core;
using Ztunnel.Protos.Discovery;

namespace Ztunnel.Lab;

/// <summary>Aggregated discovery: a delta stream for everything, and the state of the world for secrets.</summary>
internal sealed class DiscoveryService(LabControlPlane plane)
    : AggregatedDiscoveryService.AggregatedDiscoveryServiceBase
{
    public override Task DeltaAggregatedResources(
        IAsyncStreamReader<DeltaDiscoveryRequest> requestStream,
        IServerStreamWriter<DeltaDiscoveryResponse> responseStream,
        ServerCallContext context) =>
        plane.ServeAsync(
            new DeltaStream(plane, context, responseStream), stream => stream.RunAsync(requestStream));

    public override Task StreamAggregatedResources(
        IAsyncStreamReader<DiscoveryRequest> requestStream,
        IServerStreamWriter<DiscoveryResponse> responseStream,
        ServerCallContext context) =>
        plane.ServeAsync(
            new WorldStream(plane, context, responseStream), stream => stream.RunAsync(requestStream));
}
