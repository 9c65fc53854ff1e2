using System.Buffers.Binary;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Ztunnel.Protos.Discovery;
using Status = Grpc.Core.Status;

namespace Ztunnel.Lab;

/// <summary>The connection breaks in the middle of a message.</summary>
public sealed class CutMidMessage : Fault
{
    private const int Prefix = 5; // a flag for compression and the length, as gRPC frames messages

    internal override async Task OnPushAsync(
        DeltaDiscoveryResponse response, Func<DeltaDiscoveryResponse, Task> send, DiscoveryStream stream)
    {
        byte[] message = response.ToByteArray();
        byte[] cut = new byte[Prefix + message.Length / 2];
        BinaryPrimitives.WriteInt32BigEndian(cut.AsSpan(1), message.Length);
        message.AsSpan(..(message.Length / 2)).CopyTo(cut.AsSpan(Prefix));
        HttpContext http = stream.Call.GetHttpContext();
        await http.Response.BodyWriter.WriteAsync(cut, stream.Ending);
        http.Abort();
        throw new RpcException(new Status(StatusCode.Aborted, "the lab broke the connection"));
    }
}
