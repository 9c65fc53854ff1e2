using Ztunnel.Hosting;

namespace Ztunnel.Tests.Hosting;

/// <summary>Stands for all traffic: drains, or fails, when the test says so.</summary>
internal sealed class RecordingPlane : IDataPlane
{
    public TaskCompletionSource Drained { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool WasAskedToDrain { get; private set; }

    public void Check()
    {
    }

    public Task StartAsync() => Task.CompletedTask;

    public Task RunAsync(CancellationToken draining)
    {
        draining.Register(() => WasAskedToDrain = true);
        return Drained.Task;
    }
}
