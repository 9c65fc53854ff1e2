using Ztunnel.Hbone;
using Ztunnel.Linux;
using Ztunnel.Proxy.Relay;
using Ztunnel.Proxy.Tunnels;
using Ztunnel.State;
using Ztunnel.Telemetry;

namespace Ztunnel.Proxy.Outbound;

/// <summary>A connection through one tunnel: a stream of the pool's.</summary>
internal sealed class TunnelAttempt(OutboundConnection connection, OutboundRoute route)
    : PooledAttempt(connection, route), IStreamCaller
{
    private StreamRelay? _relay;

    public override string Protocol => "HBONE";

    public override void Abort(string? error, ResponseFlag flag) => _relay!.Abort(error, flag);

    public void OnResponse(Http2Response response)
    {
        if (IsAccepted(response))
        {
            ConnectionRecord record = Connection.OnUp(this);
            _relay!.Adopt(Connection.Socket, Connection.Seen);
            _relay.Run(record);
        }
    }

    public void OnNotOpened(string error, ResponseFlag flag, bool isUnseen)
    {
        _relay = null;
        OnStreamLost(error, flag, isUnseen);
    }

    public void OnRelayEnded(string? error, ResponseFlag flag) => Connection.OnEnded(error, flag);

    protected override TunnelStream OpenOn(TunnelConnection tunnel)
    {
        _relay = new StreamRelay(tunnel, Pod.Account, this);
        return _relay;
    }

    protected override void Release()
    {
        base.Release();
        _relay?.Cancel();
    }
}
