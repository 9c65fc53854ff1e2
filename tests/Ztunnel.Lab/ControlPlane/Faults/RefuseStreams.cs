using Grpc.Core;

namespace Ztunnel.Lab;

/// <summary>No new stream; those that are open go on.</summary>
public sealed class RefuseStreams(StatusCode code, string detail = "the lab refuses") : Fault
{
    private int _refused;

    /// <summary>Attempts so far.</summary>
    public int Refused => Volatile.Read(ref _refused);

    internal override Task OnStreamAsync(DiscoveryStream stream)
    {
        Interlocked.Increment(ref _refused);
        throw new RpcException(new Status(code, detail));
    }
}
