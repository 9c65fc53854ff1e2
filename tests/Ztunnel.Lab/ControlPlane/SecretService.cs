using Grpc.Core;
using Ztunnel.Protos.Discovery;
using Ztunnel.Protos.Secrets;

namespace Ztunnel.Lab;

/// <summary>Secret discovery as a service of its own; fetching is as unimplemented as agents have it.</summary>
internal sealed class SecretService(LabControlPlane plane) : SecretDiscoveryService.SecretDiscoveryServiceBase
{
    public override Task DeltaSecrets(
        IAsyncStreamReader<DeltaDiscoveryRequest> requestStream,
        IServerStreamWriter<DeltaDiscoveryResponse> responseStream,
        ServerCallContext context) =>
        plane.ServeAsync(
            new DeltaStream(plane, context, responseStream), stream => stream.RunAsync(requestStream));

    public override Task StreamSecrets(
        IAsyncStreamReader<DiscoveryRequest> requestStream,
        IServerStreamWriter<DiscoveryResponse> responseStream,
        ServerCallContext context) =>
        plane.ServeAsync(
            new WorldStream(plane, context, responseStream), stream => stream.RunAsync(requestStream));
}
