namespace Ztunnel.Linux;

/// <summary>Makes an <c>await</c> on a worker resume on that worker, at the expense of the account it began under.</summary>
internal sealed class WorkerSynchronizationContext(Worker worker, TurnAccount? account) : SynchronizationContext
{
    public Worker Worker => worker;

    public override void Post(SendOrPostCallback d, object? state) => worker.Post(new PostedWork(d, state, account));

    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("a worker is never waited for");

    public override SynchronizationContext CreateCopy() => this;
}
