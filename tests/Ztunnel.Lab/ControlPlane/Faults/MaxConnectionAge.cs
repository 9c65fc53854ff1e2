using Grpc.Core;

namespace Ztunnel.Lab;

/// <summary>No stream gets older than this: it is ended in good order, as servers do to spread their load.</summary>
public sealed class MaxConnectionAge(TimeSpan age) : Fault
{
    private int _ended;

    /// <summary>Streams that came of age.</summary>
    public int Ended => Volatile.Read(ref _ended);

    internal override Task OnStreamAsync(DiscoveryStream stream)
    {
        _ = EndAsync(stream); // over with the stream at the latest
        return Task.CompletedTask;
    }

    private async Task EndAsync(DiscoveryStream stream)
    {
        try
        {
            await Task.Delay(age, stream.Ending);
        }
        catch (OperationCanceledException)
        {
            return; // ended earlier
        }

        Interlocked.Increment(ref _ended);
        stream.End(new Status(StatusCode.Unavailable, "transport is closing"));
    }
}
