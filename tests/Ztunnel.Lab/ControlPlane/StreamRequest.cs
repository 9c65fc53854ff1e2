using Grpc.Core;
using Ztunnel.Protos.Discovery;

namespace Ztunnel.Lab;

/// <summary>A request of a delta stream that is no answer to a push.</summary>
/// <param name="Headers">Of the call that the stream is.</param>
public sealed record StreamRequest(Metadata Headers, DeltaDiscoveryRequest Request);
