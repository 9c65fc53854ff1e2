using System.Buffers;
using System.Runtime.InteropServices;
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
    /// <param name="answer">
    /// Makes of a response what the stream of responses then yields: the ACK, or the NACK. Called where others make a message
    /// of the bytes, so that these, of a large mesh many megabytes, are read in the library's buffer and not in a copy of it.
    /// </param>
    public static Method<DeltaDiscoveryRequest, DeltaDiscoveryRequest> Delta(
        Func<XdsResponse, DeltaDiscoveryRequest> answer) => new(
        MethodType.DuplexStreaming,
        "envoy.service.discovery.v3.AggregatedDiscoveryService",
        "DeltaAggregatedResources",
        Marshallers.Create<DeltaDiscoveryRequest>(Write, static _ => throw new NotSupportedException()),
        Marshallers.Create<DeltaDiscoveryRequest>(
            static (_, _) => throw new NotSupportedException(),
            context => answer(Read(context.PayloadAsReadOnlySequence()))));

    private static XdsResponse Read(ReadOnlySequence<byte> payload)
    {
        try
        {
            return XdsResponse.Read(MemoryMarshal.AsMemory(payload.IsSingleSegment ? payload.First : payload.ToArray()));
        }
        catch (InvalidDataException malformed)
        {
            throw new RpcException(new Grpc.Core.Status(StatusCode.Internal, $"undecodable response: {malformed.Message}"));
        }
    }

    private static void Write(DeltaDiscoveryRequest request, SerializationContext context)
    {
        context.SetPayloadLength(request.CalculateSize());
        request.WriteTo(context.GetBufferWriter());
        context.Complete();
    }
}
