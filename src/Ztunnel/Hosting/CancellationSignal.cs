namespace Ztunnel.Hosting;

/// <summary>A cancellation as something to wait for rather than to be interrupted by.</summary>
internal static class CancellationSignal
{
    /// <summary>Completes, without an exception, when the token is cancelled.</summary>
    public static Task WhenCancelled(this CancellationToken cancellation)
    {
        TaskCompletionSource cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        cancellation.Register(static source => ((TaskCompletionSource)source!).TrySetResult(), cancelled);
        return cancelled.Task;
    }
}
