using Ztunnel.Proxy.Tunnels;
using Ztunnel.Telemetry;

namespace Ztunnel.Tests.Proxy.Tunnels;

/// <summary>Waits for a tunnel and writes down what it is told.</summary>
internal sealed class WaiterProbe : IPoolWaiter
{
    private readonly TaskCompletionSource<(TunnelConnection? Tunnel, string? Error, ResponseFlag Flag)> _told =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<(TunnelConnection? Tunnel, string? Error, ResponseFlag Flag)> Told => _told.Task;

    public int Answers { get; private set; }

    public bool HasGivenUp { get; set; }

    public void OnTunnel(TunnelConnection tunnel)
    {
        Answers++;
        _told.TrySetResult((tunnel, null, ResponseFlag.None));
    }

    public void OnTunnelFailed(string error, ResponseFlag flag)
    {
        Answers++;
        _told.TrySetResult((null, error, flag));
    }
}
