using Ztunnel.Hosting;

namespace Ztunnel.Tests.Hosting;

public sealed class WorkerGroupTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Watch_WorkerDies_NamesItAndTheReason()
    {
        WorkerGroup group = new(2);
        group.Start();
        Task watch = group.WatchAsync();

        group.Workers[1].Post(static _ => throw new InvalidOperationException("bug"), null);

        WorkerDeathException death =
            await Assert.ThrowsAsync<WorkerDeathException>(() => watch.WaitAsync(s_patience));
        Assert.Equal("ztunnel-1", death.Worker);
        Assert.Equal("bug", death.Message);
        group.Stop();
    }

    [Fact]
    public async Task Watch_Stopped_Ends()
    {
        WorkerGroup group = new(2);
        group.Start();
        Task watch = group.WatchAsync();

        group.Stop();

        await watch.WaitAsync(s_patience);
        Assert.Equal([0, 1], group.Figures().Select(static figures => figures.Index));
    }
}
