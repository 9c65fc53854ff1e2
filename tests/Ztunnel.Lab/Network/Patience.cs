namespace Ztunnel.Lab;

/// <summary>
/// How long the lab waits for what must come. Only a guard against hanging for ever: nothing is measured by it, and a
/// busy machine may be very slow.
/// </summary>
public static class Patience
{
    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(60);

    /// <summary>Another process's state can only be asked for; between two questions it gets this much time.</summary>
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(5);

    /// <summary>Asks until the answer is yes.</summary>
    /// <exception cref="LabException">It never was.</exception>
    public static Task UntilAsync(Func<Task<bool>> ask, string what, TimeSpan? limit = null) =>
        UntilAsync(ask, () => what, limit);

    /// <param name="what">Asked when it was in vain, so that it can tell of what happened meanwhile.</param>
    public static async Task UntilAsync(Func<Task<bool>> ask, Func<string> what, TimeSpan? limit = null)
    {
        using CancellationTokenSource end = new(limit ?? Limit);
        using PeriodicTimer timer = new(s_interval);
        while (!await ask())
        {
            try
            {
                await timer.WaitForNextTickAsync(end.Token);
            }
            catch (OperationCanceledException) // our own limit
            {
                throw new LabException($"still waiting after {(limit ?? Limit).TotalSeconds} s: {what()}");
            }
        }
    }

    public static Task UntilAsync(Func<bool> ask, string what, TimeSpan? limit = null) =>
        UntilAsync(() => Task.FromResult(ask()), what, limit);

    /// <exception cref="LabException">Not within the limit.</exception>
    public static async Task<T> ForAsync<T>(Task<T> task, string what, TimeSpan? limit = null)
    {
        await ForAsync((Task)task, what, limit);
        return await task;
    }

    /// <exception cref="LabException">Not within the limit.</exception>
    public static async Task ForAsync(Task task, string what, TimeSpan? limit = null)
    {
        try
        {
            await task.WaitAsync(limit ?? Limit);
        }
        catch (TimeoutException)
        {
            throw new LabException($"still waiting after {(limit ?? Limit).TotalSeconds} s: {what}");
        }
    }
}
