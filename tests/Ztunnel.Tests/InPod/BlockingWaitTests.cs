using Ztunnel.InPod;

namespace Ztunnel.Tests.InPod;

public sealed class BlockingWaitTests
{
    [Fact]
    public async Task For_TasksOneAfterTheOther_WaitsForEach()
    {
        BlockingWait wait = new();
        List<string> order = [];
        TaskCompletionSource[] gates = [new(), new()];
        Task waiting = Task.Factory.StartNew(
            () =>
            {
                wait.For(Task.CompletedTask);
                foreach (TaskCompletionSource gate in gates)
                {
                    wait.For(gate.Task);
                    order.Add("waited");
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

        foreach (TaskCompletionSource gate in gates)
        {
            Assert.False(waiting.IsCompleted);
            gate.SetResult();
        }

        await waiting;
        Assert.Equal(["waited", "waited"], order);
    }

    [Fact]
    public async Task For_TaskThatFails_ThrowsWhatItThrew()
    {
        BlockingWait wait = new();
        TaskCompletionSource gate = new();
        Task waiting = Task.Factory.StartNew(
            () => wait.For(gate.Task), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        gate.SetException(new PodStartException("no"));

        Assert.Equal("no", (await Assert.ThrowsAsync<PodStartException>(() => waiting)).Message);
        Assert.Throws<PodStartException>(() => wait.For(gate.Task)); // over already
        wait.For(Task.CompletedTask); // and nothing of it is left
    }
}
