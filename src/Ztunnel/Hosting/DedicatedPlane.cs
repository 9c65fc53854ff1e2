using Microsoft.Extensions.Logging;

namespace Ztunnel.Hosting;

/// <summary>Dedicated mode: one workload on ordinary sockets.</summary>
/// <param name="workload">Null when this process carries no traffic (<c>ENABLE_PROXY=false</c>).</param>
internal sealed class DedicatedPlane(SoloProxy? workload, ILogger logger) : IDataPlane
{
    public void Check() => logger.DedicatedMode();

    public async Task StartAsync()
    {
        if (workload is not null)
        {
            await workload.StartAsync();
        }
    }

    public Task RunAsync(CancellationToken draining) => workload?.RunAsync(draining) ?? draining.WhenCancelled();
}
