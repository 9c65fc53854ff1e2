using Grpc.Core;

namespace Ztunnel.Lab;

/// <summary>Only who brings this token may stream: any other has expired.</summary>
public sealed class RequireToken(string token) : Fault
{
    private int _refused;

    /// <summary>Attempts with another token so far.</summary>
    public int Refused => Volatile.Read(ref _refused);

    internal override Task OnStreamAsync(DiscoveryStream stream)
    {
        if (stream.Call.RequestHeaders.GetValue("authorization") == $"Bearer {token}")
        {
            return Task.CompletedTask;
        }

        Interlocked.Increment(ref _refused);
        throw new RpcException(new Status(StatusCode.Unauthenticated, "authentication failure"));
    }
}
