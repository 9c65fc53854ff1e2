using Ztunnel.Linux;
using Ztunnel.Proxy.Pods;
using Ztunnel.Proxy.Relay;
using Ztunnel.State;
using Ztunnel.Telemetry;

namespace Ztunnel.Proxy.Outbound;

/// <summary>A connection without a tunnel, to a plain workload or to whatever the mesh does not know.</summary>
internal sealed class PlainAttempt(OutboundConnection connection, OutboundRoute route)
    : OutboundAttempt(connection, route), IRelayOwner
{
    private SocketRelay? _relay;

    public override string Protocol => "TCP";

    public override void Begin()
    {
        LimitPatience();
        Connection.Attend(ConnectAsync());
    }

    public override void Abort(string? error, ResponseFlag flag) => _relay!.Abort(error, flag);

    public void OnRelayEnded(string? error, ResponseFlag flag) => Connection.OnEnded(error, flag);

    protected override void Release()
    {
        // The connect ends by itself, and what it brings is discarded.
    }

    protected override void OnOverdue() =>
        Fail($"io error: {IoResult.Failed(Errno.ETIMEDOUT).Text}", ResponseFlag.Connect, EndpointBlame.Endpoint);

    private async Task ConnectAsync()
    {
        (TcpSocket? upstream, IoResult result) =
            await UpstreamSocket.ConnectAsync(Pod, Route.Target, source: null, keepAlive: false);
        EndPatience();
        if (IsOver)
        {
            UpstreamSocket.Discard(Pod, upstream);
        }
        else if (upstream is null)
        {
            Fail($"io error: {result.Text}", ResponseFlag.Connect, EndpointBlame.Endpoint);
        }
        else
        {
            Run(upstream);
        }
    }

    private void Run(TcpSocket upstream)
    {
        ConnectionRecord record = Connection.OnUp(this);
        _relay = new SocketRelay(Pod.Proxy, Pod.Account, Connection.Socket, upstream, record, this);
        _relay.Run(Connection.Seen);
    }
}
