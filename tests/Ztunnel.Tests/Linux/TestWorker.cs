using Ztunnel.Linux;

namespace Ztunnel.Tests.Linux;

/// <summary>A running worker, and a way to run test code on it. What dies on the worker fails the test.</summary>
internal sealed class TestWorker : IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public TestWorker(int readBufferSize = 64 * 1024)
    {
        Worker = new Worker(0, new WorkerOptions { ReadBufferSize = readBufferSize, NamePrefix = "test-" });
        Worker.Start();
    }

    public Worker Worker { get; }

    /// <summary>Runs asynchronous code whose every part runs on the worker.</summary>
    public async Task<T> Run<T>(Func<Worker, Task<T>> work)
    {
        TaskCompletionSource<Task<T>> started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Worker.Post(_ => started.SetResult(work(Worker)), null);
        Task<T> result = Unwrap(started.Task);
        Task first = await Task.WhenAny(result, Worker.Completion).WaitAsync(Patience);
        await first;
        return await result;
    }

    public Task Run(Func<Worker, Task> work) => Run(async worker =>
    {
        await work(worker);
        return true;
    });

    public Task Run(Action<Worker> work) => Run(worker =>
    {
        work(worker);
        return Task.FromResult(true);
    });

    public void Dispose() => Worker.Dispose();

    private static async Task<T> Unwrap<T>(Task<Task<T>> task) => await await task;
}
