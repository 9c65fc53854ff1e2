using Google.Protobuf;
using Grpc.Core;
using Ztunnel.Protos.Discovery;

namespace Ztunnel.Xds;

/// <summary>The discovery service's method, with responses as they are read here.</summary>
internal static class XdsMethods
{
    /// <summary>
    /// <c>envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources</c>; a response that is no
    /// message ends the stream with the status INTERNAL, like a failure of the server.
    /// </summary>
    public static Method<DeltaDiscoveryRequest, XdsResponse> Delta { get; } = new(
        MethodType.DuplexStreaming,
        "envoy.service.discovery.v3.AggregatedDiscoveryService",
        "DeltaAggregatedResources",
        Marshallers.Create<DeltaDiscoveryRequest>(Write, static _ => throw new NotSupportedException()),
        Marshallers.Create<XdsResponse>(
            static (_, _) => throw new NotSupportedException(),
            static context => Read(context.PayloadAsNewBuffer())));

    private static XdsResponse Read(byte[] payload)
    {
        try
        {
            return XdsResponse.Read(payload);
        }
        catch (Exception failure)
        {
            // The library takes some of them, which are IOExceptions, for a connection that broke.
            throw new RpcException(new Grpc.Core.Status(StatusCode.Internal, $"undecodable response: {failure.Message}"));
        }
    }

    private static void Write(DeltaDiscoveryRequest request, SerializationContext context)
    {
        context.SetPayloadLength(request.CalculateSize());
        request.WriteTo(context.GetBufferWriter());
        context.Complete();
    }
}
