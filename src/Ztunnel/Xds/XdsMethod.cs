using System.Buffers;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Google.Protobuf;
using Grpc.Core;
using Ztunnel.Protos.Discovery;

namespace Ztunnel.Xds;

/// <summary>
/// The discovery service's method, <c>envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources</c>,
/// whose responses are answered where others make a message of the bytes: so that these, of a large mesh many megabytes,
/// are read in the library's buffer and not in a copy of it. One for all streams of a channel, which keeps for good what it
/// was called with.
/// </summary>
internal sealed class XdsMethod
{
    public XdsMethod() => Delta = new(
        MethodType.DuplexStreaming,
        "envoy.service.discovery.v3.AggregatedDiscoveryService",
        "DeltaAggregatedResources",
        Marshallers.Create<DeltaDiscoveryRequest>(Write, static _ => throw new NotSupportedException()),
        Marshallers.Create<XdsAnswer>(
            static (_, _) => throw new NotSupportedException(), context => Take(context.PayloadAsReadOnlySequence())));

    /// <summary>
    /// A response that is no message ends the stream with the status INTERNAL, like a failure of the server.
    /// </summary>
    public Method<DeltaDiscoveryRequest, XdsAnswer> Delta { get; }

    /// <summary>Of the present stream: they come one after the other. The bytes are wiped after it.</summary>
    public Func<XdsResponse, DeltaDiscoveryRequest>? Answer { get; set; }

    private XdsAnswer Take(ReadOnlySequence<byte> bytes)
    {
        Memory<byte> payload = MemoryMarshal.AsMemory(bytes.IsSingleSegment ? bytes.First : bytes.ToArray());
        try
        {
            return Take(Read(payload), payload.Length);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(payload.Span); // a private key may be among them
        }
    }

    // What goes wrong in it is not the stream's failure, which the library would make of it.
    private XdsAnswer Take(XdsResponse response, int length)
    {
        try
        {
            return new XdsAnswer(Answer!(response), null, length);
        }
        catch (Exception failure)
        {
            return new XdsAnswer(null, ExceptionDispatchInfo.Capture(failure), length);
        }
    }

    private static XdsResponse Read(Memory<byte> payload)
    {
        try
        {
            return XdsResponse.Read(payload);
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
