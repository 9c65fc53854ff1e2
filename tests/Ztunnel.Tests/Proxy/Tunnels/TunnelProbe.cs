using Ztunnel.Hbone;
using Ztunnel.Proxy.Tunnels;

namespace Ztunnel.Tests.Proxy.Tunnels;

/// <summary>Owns a tunnel in place of pool or listener, and tells the test what became of it.</summary>
internal sealed class TunnelProbe : ITunnelOwner
{
    private readonly TaskCompletionSource _established = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<TunnelEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Established => _established.Task;

    public Task<TunnelEnd> Ended => _ended.Task;

    /// <summary>Server: called for each request.</summary>
    public Action<TunnelConnection, Http2Stream, bool>? Requested { get; set; }

    public Http2Request? LastRequest { get; private set; }

    /// <summary>Called within the end, before the task completes.</summary>
    public Action? Ending { get; set; }

    public int Ends { get; private set; }

    public void OnEstablished(TunnelConnection tunnel) => _established.TrySetResult();

    public void OnRequest(TunnelConnection tunnel, Http2Stream stream, Http2Request request, bool endStream)
    {
        LastRequest = request;
        Requested!(tunnel, stream, endStream);
    }

    public void OnCapacity(TunnelConnection tunnel)
    {
    }

    public void OnGoAway(TunnelConnection tunnel)
    {
    }

    public void OnEnded(TunnelConnection tunnel, TunnelEnd end, string? text)
    {
        Ends++;
        Ending?.Invoke();
        _established.TrySetException(new IOException($"{end}: {text}"));
        _ = _established.Task.Exception; // seen
        _ended.TrySetResult(end);
    }
}
