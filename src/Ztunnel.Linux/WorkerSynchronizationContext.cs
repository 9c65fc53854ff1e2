namespace Ztunnel.Linux;

/// <summary>Makes an <c>await</c> on a worker resume on that worker.</summary>
internal sealed class WorkerSynchronizationContext(Worker worker) : SynchronizationContext
{
    public override void Post(SendOrPostCallback d, object? state) =>
        worker.Post(static pair =>
        {
            (SendOrPostCallback callback, object? argument) = ((SendOrPostCallback, object?))pair!;
            callback(argument);
        }, (d, state));

    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("a worker is never waited for");

    public override SynchronizationContext CreateCopy() => this;
}
