using Grpc.Core;
using Ztunnel.Protos.Discovery;
using Status = Grpc.Core.Status;

namespace Ztunnel.Lab;

/// <summary>Half of a push's resources arrive, then the stream ends.</summary>
public sealed class EndMidPush(StatusCode code) : Fault
{
    internal override async Task OnPushAsync(
        DeltaDiscoveryResponse response, Func<DeltaDiscoveryResponse, Task> send, DiscoveryStream stream)
    {
        DeltaDiscoveryResponse half = new() { TypeUrl = response.TypeUrl, Nonce = response.Nonce };
        half.Resources.AddRange(response.Resources.Take(response.Resources.Count / 2));
        await send(half);
        throw new RpcException(new Status(code, "the lab ends the stream in the middle of a push"));
    }
}
