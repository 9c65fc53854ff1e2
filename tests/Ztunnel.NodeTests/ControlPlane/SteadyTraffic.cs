using System.Net;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.ControlPlane;

/// <summary>
/// Traffic that works and has to go on working whatever happens to the control plane: connections held open and used,
/// and new ones, without a pause.
/// </summary>
internal sealed class SteadyTraffic : IAsyncDisposable
{
    private const int Holders = 2;
    private const int Openers = 2;
    private const int Enough = 40;

    private readonly CancellationTokenSource _end = new();
    private readonly Task _running;
    private readonly (Pod From, IPAddress To, int Port) _way;
    private long _done;

    private SteadyTraffic(Pod from, IPAddress to, int port)
    {
        _way = (from, to, port);
        _running = Task.WhenAll(Enumerable.Repeat(HoldAsync, Holders).Concat(Enumerable.Repeat(OpenAsync, Openers))
            .Select(Task.Run));
    }

    /// <summary>Exchanges so far.</summary>
    public long Done => Interlocked.Read(ref _done);

    /// <summary>Under way when it returns.</summary>
    public static async Task<SteadyTraffic> StartAsync(Pod from, IPAddress to, int port)
    {
        SteadyTraffic traffic = new(from, to, port);
        await traffic.GoesOnAsync();
        return traffic;
    }

    /// <summary>Waits for many more exchanges.</summary>
    /// <exception cref="Exception">Whatever ended one of the connections since the start.</exception>
    public async Task GoesOnAsync()
    {
        long enough = Done + Enough;
        await Patience.UntilAsync(() => _running.IsCompleted || Done >= enough, "traffic to go on");
        await (_running.IsCompleted ? _running : Task.CompletedTask);
    }

    /// <summary>Ends it in good order.</summary>
    /// <exception cref="Exception">Whatever ended one of the connections since the start.</exception>
    public async Task StopAsync()
    {
        await _end.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAny(_running); // a failure has been told by then, or another one is on its way
        _end.Dispose();
    }

    private async Task HoldAsync()
    {
        using EchoClient client = await EchoClient.ConnectAsync(_way.From, _way.To, _way.Port);
        while (!_end.IsCancellationRequested)
        {
            await client.ExchangeAsync();
            Interlocked.Increment(ref _done);
        }
    }

    private async Task OpenAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            await EchoClient.OnceAsync(_way.From, _way.To, _way.Port);
            Interlocked.Increment(ref _done);
        }
    }
}
