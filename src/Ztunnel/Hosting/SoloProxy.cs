using System.ComponentModel;
using Ztunnel.Proxy;

namespace Ztunnel.Hosting;

/// <summary>
/// A proxy that lives as long as the process: the self listener of shared mode, or the workload of dedicated mode.
/// </summary>
/// <param name="name">As messages call it.</param>
internal sealed class SoloProxy(string name, Func<Task<IPodProxy>> start)
{
    /// <summary>Null before it started.</summary>
    public IPodProxy? Proxy { get; private set; }

    /// <exception cref="StartupFailure">An address is taken.</exception>
    public async Task StartAsync()
    {
        try
        {
            Proxy = await start();
        }
        catch (Exception failure) when (failure is Win32Exception or IOException)
        {
            throw new StartupFailure($"{name}: {failure.Message}", failure);
        }
    }

    public async Task RunAsync(CancellationToken draining)
    {
        await draining.WhenCancelled();
        await Proxy!.StopAsync(graceful: true);
    }
}
