using Ztunnel.Hbone;
using Ztunnel.Proxy.Relay;
using Ztunnel.Proxy.Tunnels;
using Ztunnel.State;
using Ztunnel.Telemetry;

namespace Ztunnel.Proxy.Outbound;

/// <summary>A connection through one tunnel: a stream of the pool's.</summary>
internal sealed class TunnelAttempt(OutboundConnection connection, OutboundRoute route)
    : PooledAttempt(connection, route), IRelayOwner
{
    private StreamRelay? _relay;

    public override string Protocol => "HBONE";

    public override void Abort(string? error, ResponseFlag flag) => _relay!.Abort(error, flag);

    public void OnRelayEnded(string? error, ResponseFlag flag) => Connection.OnEnded(error, flag);

    protected override TunnelStream OpenOn(TunnelConnection tunnel)
    {
        _relay = new StreamRelay(tunnel, Pod.Account, this, this);
        return _relay;
    }

    protected override void OnAccepted(Http2Response response)
    {
        ConnectionRecord record = Connection.OnUp(this);
        _relay!.Adopt(Connection.Socket, Connection.Seen);
        _relay.Run(record);
    }

    protected override void Release()
    {
        base.Release();
        _relay?.Cancel();
    }
}
