using Ztunnel.Protos.Discovery;

namespace Ztunnel.Lab;

/// <summary>
/// Something that goes wrong between the control plane and its clients. Several may be in force: each passes what it
/// lets through on to the next.
/// </summary>
public abstract class Fault
{
    private protected Fault()
    {
    }

    /// <summary>A stream opens; throw to refuse it.</summary>
    internal virtual Task OnStreamAsync(DiscoveryStream stream) => Task.CompletedTask;

    /// <summary>
    /// A response is about to be sent. Of what is sent in its place one must keep its nonce; others come without.
    /// </summary>
    internal virtual Task OnPushAsync(
        DeltaDiscoveryResponse response, Func<DeltaDiscoveryResponse, Task> send, DiscoveryStream stream) =>
        send(response);
}
