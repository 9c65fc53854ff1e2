using System.Runtime.InteropServices;
using Ztunnel.Hosting;
using Ztunnel.Tests.Policy;

namespace Ztunnel.Tests.Hosting;

public sealed class ShutdownTests
{
    private readonly LogLines _log = new();
    private int _exits;

    [Fact]
    public void OnSignal_Termination_BeginsTheDrainOnce()
    {
        using Shutdown shutdown = New();

        shutdown.OnSignal(PosixSignal.SIGTERM);
        shutdown.OnSignal(PosixSignal.SIGTERM);
        shutdown.OnQuit();

        Assert.True(shutdown.Draining.IsCancellationRequested);
        Assert.Equal(["received signal SIGTERM, starting shutdown"], _log.Take());
        Assert.Equal(0, _exits);
    }

    [Fact]
    public void OnSignal_SecondInterrupt_ExitsAtOnce()
    {
        using Shutdown shutdown = New();

        shutdown.OnSignal(PosixSignal.SIGINT);
        Assert.Equal(0, _exits);
        shutdown.OnSignal(PosixSignal.SIGINT);

        Assert.Equal(1, _exits);
        Assert.Equal(
            ["received signal SIGINT, starting shutdown", "Double Ctrl+C, exit immediately"], _log.Take());
    }

    [Fact]
    public void OnSignal_InterruptDuringTermination_DoesNotExit()
    {
        using Shutdown shutdown = New();

        shutdown.OnSignal(PosixSignal.SIGTERM);
        shutdown.OnSignal(PosixSignal.SIGINT);

        Assert.Equal(0, _exits);
    }

    [Fact]
    public void OnQuit_First_BeginsTheDrain()
    {
        using Shutdown shutdown = New();

        shutdown.OnQuit();

        Assert.True(shutdown.Draining.IsCancellationRequested);
        Assert.Equal(["received explicit shutdown signal"], _log.Take());
    }

    private Shutdown New() => new(_log, () => _exits++);
}
