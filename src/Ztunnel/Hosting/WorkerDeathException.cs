namespace Ztunnel.Hosting;

/// <summary>A worker's loop ended with an exception: the process must not go on without it.</summary>
internal sealed class WorkerDeathException(string worker, Exception reason) : Exception(reason.Message, reason)
{
    public string Worker { get; } = worker;
}
