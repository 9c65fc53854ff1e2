using Microsoft.Extensions.Logging;

namespace Ztunnel.Hosting;

/// <summary>Dedicated mode: one workload on ordinary sockets.</summary>
internal sealed class DedicatedPlane(SoloProxy workload, ILogger logger) : IDataPlane
{
    public void Check() => logger.DedicatedMode();

    public Task StartAsync() => workload.StartAsync();

    public Task RunAsync(CancellationToken draining) => workload.RunAsync(draining);
}
