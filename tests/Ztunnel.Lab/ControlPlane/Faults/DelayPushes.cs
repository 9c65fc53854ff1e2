using Ztunnel.Protos.Discovery;

namespace Ztunnel.Lab;

/// <summary>Every push waits for something first: for a while, or for the test.</summary>
public sealed class DelayPushes(Func<Task> delay) : Fault
{
    internal override async Task OnPushAsync(
        DeltaDiscoveryResponse response, Func<DeltaDiscoveryResponse, Task> send, DiscoveryStream stream)
    {
        await delay().WaitAsync(stream.Ending);
        await send(response);
    }
}
