using Ztunnel.Protos.Discovery;

namespace Ztunnel.Lab;

/// <summary>Before each push the same resources as a type nobody subscribed to or has heard of.</summary>
public sealed class UnknownTypes : Fault
{
    public const string TypeUrl = "type.googleapis.com/lab.Unheard";

    internal override async Task OnPushAsync(
        DeltaDiscoveryResponse response, Func<DeltaDiscoveryResponse, Task> send, DiscoveryStream stream)
    {
        DeltaDiscoveryResponse unknown = response.Clone();
        (unknown.TypeUrl, unknown.Nonce) = (TypeUrl, "");
        await send(unknown);
        await send(response);
    }
}
