using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Ztunnel.Hosting;

/// <summary>
/// The decision to end, made once by whoever asks first: SIGTERM, SIGINT or <c>/quitquitquit</c>. A second SIGINT does
/// not wait for the drain.
/// </summary>
internal sealed class Shutdown(ILogger logger, Action exitNow) : IDisposable
{
    private readonly CancellationTokenSource _draining = new();
    private readonly List<PosixSignalRegistration> _signals = [];
    private int _interrupts;
    private int _begun;

    /// <summary>Cancelled when the drain begins.</summary>
    public CancellationToken Draining => _draining.Token;

    /// <summary>From now on the two signals are ours.</summary>
    public void Listen()
    {
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal));
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal));
    }

    public void OnQuit()
    {
        if (Interlocked.Exchange(ref _begun, 1) == 0)
        {
            logger.QuitReceived();
            _draining.Cancel();
        }
    }

    public void Dispose()
    {
        _signals.ForEach(static signal => signal.Dispose());
        _draining.Dispose();
    }

    internal void OnSignal(PosixSignal signal)
    {
        if (signal == PosixSignal.SIGINT && Interlocked.Increment(ref _interrupts) == 2)
        {
            logger.DoubleInterrupt();
            exitNow();
        }
        else if (Interlocked.Exchange(ref _begun, 1) == 0)
        {
            logger.SignalReceived(signal.ToString());
            _draining.Cancel();
        }
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true; // the runtime's own answer would end the process without a drain
        OnSignal(context.Signal);
    }
}
