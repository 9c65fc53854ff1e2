namespace Ztunnel.Lab;

/// <summary>Beats whenever something changed; who waits for a condition looks again at each beat.</summary>
internal sealed class Pulse
{
    private TaskCompletionSource _next = Source();

    public void Beat() => Interlocked.Exchange(ref _next, Source()).SetResult();

    /// <exception cref="LabException">It did not come true in time.</exception>
    public async Task UntilAsync(Func<bool> isReached, Func<string> what)
    {
        using CancellationTokenSource limit = new(Patience.Limit);
        while (true)
        {
            Task next = _next.Task; // before the question: a change right after it must not be missed
            if (isReached())
            {
                return;
            }

            try
            {
                await next.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException) // our own limit
            {
                throw new LabException($"still waiting after {Patience.Limit.TotalSeconds} s: {what()}");
            }
        }
    }

    private static TaskCompletionSource Source() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
