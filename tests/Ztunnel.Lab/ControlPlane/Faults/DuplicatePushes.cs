using Ztunnel.Protos.Discovery;

namespace Ztunnel.Lab;

/// <summary>Every resource twice in its response, and the response twice.</summary>
public sealed class DuplicatePushes : Fault
{
    internal override async Task OnPushAsync(
        DeltaDiscoveryResponse response, Func<DeltaDiscoveryResponse, Task> send, DiscoveryStream stream)
    {
        response.Resources.AddRange(response.Resources.Select(resource => resource.Clone()).ToList());
        response.RemovedResources.AddRange(response.RemovedResources.ToList());
        DeltaDiscoveryResponse again = response.Clone();
        again.Nonce = "";
        await send(response);
        await send(again);
    }
}
