using Ztunnel.Hosting;
using Ztunnel.InPod;
using Ztunnel.Tests.Certificates;
using Ztunnel.Tests.Policy;

namespace Ztunnel.Tests.Hosting;

public sealed class LifeCycleTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(6);

    private readonly RecordingPlane _plane = new();
    private readonly TaskCompletionSource _workers = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _servers = new();
    private readonly TaskCompletionSource _serversAsked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _draining = new();
    private readonly ManualClock _clock = new();
    private readonly LogLines _log = new();

    public void Dispose() => _draining.Dispose();

    [Fact]
    public async Task Run_Drained_ExitsWithSuccess()
    {
        Task<int> run = Run();
        await _draining.CancelAsync();
        await _serversAsked.Task;
        Assert.True(_plane.WasAskedToDrain);

        _servers.SetResult();
        Assert.False(run.IsCompleted);
        _plane.Drained.SetResult();

        Assert.Equal(ExitCode.Success, await run);
        Assert.Equal(["shutdown complete"], _log.Take());
    }

    [Fact]
    public async Task Run_DrainTakesTooLong_ExitsWithSuccessAndAWarning()
    {
        Task<int> run = Run();
        await _draining.CancelAsync();
        await _serversAsked.Task;

        while (!run.IsCompleted) // the clock may be moved before the limit is set
        {
            _clock.Advance(s_limit);
            await Task.Yield();
        }

        Assert.Equal(ExitCode.Success, await run);
        Assert.Equal(["the drain did not end within 00:00:06, exiting without it"], _log.Take());
    }

    [Fact]
    public async Task Run_WorkerDies_FailsWithTheReason()
    {
        Task<int> run = Run();

        _workers.SetException(new WorkerDeathException("ztunnel-1", new InvalidOperationException("bug\nhere")));

        Assert.Equal(ExitCode.Failure, await run);
        Assert.Equal(["worker ztunnel-1 died: bug here"], _log.Take());
        Assert.False(_plane.WasAskedToDrain);
    }

    [Fact]
    public async Task Run_WorkerDiesDuringDrain_Fails()
    {
        Task<int> run = Run();
        await _draining.CancelAsync();
        await _serversAsked.Task;

        _workers.SetException(new WorkerDeathException("ztunnel-1", new InvalidOperationException("bug")));

        Assert.Equal(ExitCode.Failure, await run);
    }

    [Fact]
    public async Task Run_AgentBreaksTheProtocol_FailsWithoutDraining()
    {
        Task<int> run = Run();

        _plane.Drained.SetException(new ZdsProtocolException("second snapshot"));

        Assert.Equal(ExitCode.Failure, await run);
        Assert.False(_serversAsked.Task.IsCompleted);
        Assert.Empty(_log.Take()); // the client said it already
    }

    [Fact]
    public async Task Run_TrafficFails_FailsWithTheReason()
    {
        Task<int> run = Run();

        _plane.Drained.SetException(new InvalidOperationException("bug"));

        Assert.Equal(ExitCode.Failure, await run);
        Assert.Equal(["unhandled exception, exiting: bug"], _log.Take());
    }

    private Task<int> Run() => new LifeCycle(_plane, _workers.Task, StopServers, s_limit, _log)
        .RunAsync(_clock, _draining.Token);

    private Task StopServers()
    {
        _serversAsked.SetResult();
        return _servers.Task;
    }
}
