using System.Buffers;
using Google.Protobuf;
using Grpc.Core;
using Ztunnel.Protos.Discovery;
using Ztunnel.Xds;

namespace Ztunnel.Tests.Xds;

public sealed class XdsMethodTests
{
    private readonly XdsMethod _method = new();

    [Fact]
    public void Response_IsAnsweredAndItsBytesAreWiped()
    {
        byte[] bytes = WireMesh.Addresses("n", WireMesh.Pod("a", "10.0.0.1")).ToByteArray();
        _method.Answer = static response =>
        {
            Assert.True(response.TryGet(0, out WireResource resource, out _));
            Assert.Equal("c1//Pod/shop/a", resource.Name);
            return new DeltaDiscoveryRequest { ResponseNonce = response.Nonce };
        };

        XdsAnswer answer = Deserialize(bytes);

        Assert.Equal("n", answer.Get().ResponseNonce);
        Assert.Equal(bytes.Length, answer.ResponseLength);
        Assert.All(bytes, static left => Assert.Equal(0, left));
    }

    [Fact]
    public void Response_InSeveralPieces_IsReadAsOne()
    {
        byte[] bytes = WireMesh.Addresses("n").ToByteArray();
        Piece first = new(bytes.AsMemory(0, 3));
        Piece last = first.Append(bytes.AsMemory(3));
        _method.Answer = static response => new DeltaDiscoveryRequest { ResponseNonce = response.Nonce };

        XdsAnswer answer = Deserialize(new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length));

        Assert.Equal("n", answer.Get().ResponseNonce);
    }

    // The library would take it for the stream's, and begin another one.
    [Fact]
    public void Failure_OfTheAnswer_ComesOutAsItself()
    {
        byte[] bytes = WireMesh.Addresses("n").ToByteArray();
        _method.Answer = static _ => throw new IOException("a bug");

        XdsAnswer answer = Deserialize(bytes);

        Assert.Equal("a bug", Assert.Throws<IOException>(answer.Get).Message);
        Assert.All(bytes, static left => Assert.Equal(0, left));
    }

    [Fact]
    public void Response_ThatIsNone_IsAFailureOfTheServer()
    {
        byte[] bytes = [0x12, 0x7f, 0x01];

        RpcException failure = Assert.Throws<RpcException>(() => Deserialize(bytes));

        Assert.Equal(StatusCode.Internal, failure.StatusCode);
        Assert.StartsWith("undecodable response: ", failure.Status.Detail, StringComparison.Ordinal);
        Assert.All(bytes, static left => Assert.Equal(0, left));
    }

    private XdsAnswer Deserialize(byte[] bytes) => Deserialize(new ReadOnlySequence<byte>(bytes));

    private XdsAnswer Deserialize(ReadOnlySequence<byte> bytes) =>
        _method.Delta.ResponseMarshaller.ContextualDeserializer(new Context(bytes));

    private sealed class Context(ReadOnlySequence<byte> bytes) : DeserializationContext
    {
        public override int PayloadLength => (int)bytes.Length;

        public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => bytes;
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory) => Memory = memory;

        public Piece Append(ReadOnlyMemory<byte> memory)
        {
            Piece next = new(memory) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }
}
