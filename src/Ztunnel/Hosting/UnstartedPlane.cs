namespace Ztunnel.Hosting;

/// <summary>In place of a data plane that was never started, since the mesh is not known: nothing to drain.</summary>
internal sealed class UnstartedPlane : IDataPlane
{
    public void Check()
    {
    }

    public Task StartAsync() => Task.CompletedTask;

    public Task RunAsync(CancellationToken draining) => draining.WhenCancelled();
}
