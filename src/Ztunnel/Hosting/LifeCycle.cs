using Microsoft.Extensions.Logging;
using Ztunnel.InPod;

namespace Ztunnel.Hosting;

/// <summary>
/// From ready to gone: waits for the end, whoever brings it, and turns it into an exit code. Nothing here opens or
/// closes anything by itself.
/// </summary>
/// <param name="workers">Faults when a worker dies.</param>
/// <param name="servers">Stops the admin servers.</param>
/// <param name="drainLimit">When the process ends even though the drain has not.</param>
internal sealed class LifeCycle(
    IDataPlane plane, Task workers, Func<Task> servers, TimeSpan drainLimit, ILogger logger)
{
    public async Task<int> RunAsync(TimeProvider time, CancellationToken draining)
    {
        try
        {
            Task traffic = plane.RunAsync(draining);
            await await Task.WhenAny(traffic, workers, draining.WhenCancelled());
            await DrainAsync(traffic, time);
            return ExitCode.Success;
        }
        catch (WorkerDeathException death)
        {
            logger.WorkerDied(death.Worker, StartupFailure.OneLine(death.InnerException!));
        }
        catch (ZdsProtocolException)
        {
            // The client has said so. Pods are not drained: the agent and we do not agree on which there are.
        }
        catch (Exception failure)
        {
            logger.Unhandled(StartupFailure.OneLine(failure));
        }

        return ExitCode.Failure;
    }

    private async Task DrainAsync(Task traffic, TimeProvider time)
    {
        using CancellationTokenSource done = new();
        Task drained = Task.WhenAll(traffic, servers());
        Task overdue = Task.Delay(drainLimit, time, done.Token);
        Task first = await Task.WhenAny(drained, workers, overdue);
        await done.CancelAsync();
        if (first == overdue)
        {
            logger.DrainOverdue(drainLimit);
            return;
        }

        await first;
        logger.ShutdownComplete("ztunnel");
    }
}
