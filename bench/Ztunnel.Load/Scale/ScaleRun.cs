using Ztunnel.Load.Figures;

namespace Ztunnel.Load.Scale;

/// <summary>
/// Meshes of growing size, each with a proxy and a control plane of its own. The pushes come one after the other, the
/// single changes in turns: a machine that is slower for a while is so for every size.
/// </summary>
internal sealed class ScaleRun(IReadOnlyList<ProgramFigures> programs, IReadOnlyList<int> sizes, int updates)
{
    private const int UpdatesPerTurn = 20;
    private const int UpdatesToWarmUp = 200;

    // What a large push leaves behind is given back a second later, and that takes its time too.
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(5);

    /// <param name="told">How far it is.</param>
    /// <returns>By size, each program.</returns>
    public async Task<IReadOnlyList<ScaleFigures>> RunAsync(Action<string> told, CancellationToken cancellation)
    {
        List<ScaleProxy> proxies = [];
        try
        {
            foreach (int size in sizes)
            {
                foreach (ProgramFigures program in programs.Where(program => program.Path is not null))
                {
                    cancellation.ThrowIfCancellationRequested();
                    ScaleProxy proxy = await ScaleProxy.StartAsync(program.Name, program.Path!, size);
                    proxies.Add(proxy);
                    await proxy.PushAsync(s_settling);
                    told($"{proxy}");
                }
            }

            foreach (ScaleProxy proxy in proxies)
            {
                cancellation.ThrowIfCancellationRequested();
                await proxy.WarmUpAsync(UpdatesToWarmUp);
            }

            for (int done = 0; done < updates; done += UpdatesPerTurn)
            {
                told($"changes {done} of {updates}");
                foreach (ScaleProxy proxy in proxies)
                {
                    cancellation.ThrowIfCancellationRequested();
                    await proxy.UpdateAsync(Math.Min(UpdatesPerTurn, updates - done));
                }
            }

            return [.. proxies.Select(static proxy => proxy.Figures())];
        }
        finally
        {
            foreach (ScaleProxy proxy in proxies)
            {
                await proxy.DisposeAsync();
            }
        }
    }
}
