using System.ComponentModel;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Ztunnel.Certificates;
using Ztunnel.Hbone;
using Ztunnel.OpenSsl;
using Ztunnel.Proxy.Pods;
using Ztunnel.Proxy.Relay;
using Ztunnel.Proxy.Tunnels;
using Ztunnel.State;
using Ztunnel.Telemetry;
using Ztunnel.Tls;

namespace Ztunnel.Proxy.Outbound;

/// <summary>
/// A connection to another network: a stream of the pool's to the gateway, and over it a tunnel of its own to the peer
/// that the gateway picks. Of its own, because all streams of one would go to the same peer.
/// </summary>
internal sealed class DoubleTunnelAttempt(OutboundConnection connection, OutboundRoute route)
    : PooledAttempt(connection, route), ITunnelOwner, IRelayOwner
{
    private StreamTransport? _transport;
    private TunnelConnection? _inner;
    private StreamRelay? _relay;

    public override string Protocol => "DOUBLEHBONE";

    public override void Abort(string? error, ResponseFlag flag) => _relay!.Abort(error, flag);

    public override void RecheckPeer(RevocationLists lists) => _inner?.RecheckPeer(lists);

    public void OnEstablished(TunnelConnection tunnel)
    {
        _relay = new StreamRelay(tunnel, Pod.Account, this, new InnerAnswer(this));
        tunnel.Open(_relay, Connection.Request(Route) with
        {
            ForwardedNetwork = Pod.Proxy.Services.Config.Instance.Network,
        });
        if (!IsOver)
        {
            AwaitAnswer();
        }
    }

    public void OnEnded(TunnelConnection tunnel, TunnelEnd end, string? text)
    {
        Pod.Logger.TunnelEnded(Route.Target, end.Label(), text);
        if (_relay is null)
        {
            (string error, ResponseFlag flag) = TunnelFailures.OfOpening(end, text);
            FailBeyond(error, flag);
        }
    }

    public void OnRequest(TunnelConnection tunnel, Http2Stream stream, Http2Request request, bool endStream)
    {
        // A client is never asked.
    }

    public void OnCapacity(TunnelConnection tunnel)
    {
    }

    public void OnGoAway(TunnelConnection tunnel)
    {
    }

    // The last of it still has to be sent; then the inner tunnel closes, and with it the stream.
    public void OnRelayEnded(string? error, ResponseFlag flag)
    {
        Connection.OnEnded(error, flag);
        _inner!.Drain();
    }

    protected override TunnelStream OpenOn(TunnelConnection tunnel)
    {
        _transport = new StreamTransport(tunnel, this);
        return _transport;
    }

    protected override void OnAccepted(Http2Response response) => Connection.Attend(BeginInnerAsync());

    protected override void Release()
    {
        base.Release();
        _relay?.Cancel();
        if (_inner is not null)
        {
            _inner.End(TunnelEnd.Aborted, null);
        }
        else
        {
            _transport?.Close();
        }
    }

    private async Task BeginInnerAsync()
    {
        try
        {
            WorkloadTls tls = await Pod.GetCertificateAsync(Connection.Identity);
            if (!IsOver)
            {
                MeshSession session = tls.Connect(Route.InnerIdentities, Pod.Proxy.Services.Revocations);
                _inner = new TunnelConnection(Pod.Proxy, _transport!, session, Http2Role.Client, Pod.Account, this);
                _inner.Start();
            }
        }
        catch (CertificateException e)
        {
            Fail($"identity error: {e.Message}", ResponseFlag.IdentityError, EndpointBlame.NotTheEndpoint);
        }
        catch (OperationCanceledException) when (Pod.Pod.Aborted.IsCancellationRequested)
        {
            Fail("pool draining", ResponseFlag.None, EndpointBlame.NotTheEndpoint);
        }
        catch (Exception e) when (e is Win32Exception or CryptographicException)
        {
            Fail($"tls error: {e.Message}", ResponseFlag.TlsFailure, EndpointBlame.NotTheEndpoint);
        }
    }

    private void OnInnerResponse(Http2Response response)
    {
        if (IsAccepted(response))
        {
            TrafficPeer peer = PeerLabels.Derived(response.Baggage, _inner!.PeerIdentity);
            ConnectionRecord record = Connection.OnUp(this, peer, response.Baggage?.WorkloadName);
            _relay!.Adopt(Connection.Socket, Connection.Seen);
            _relay.Run(record);
        }
    }

    // Another gateway may pick another peer; this one is not to blame.
    private void FailBeyond(string error, ResponseFlag flag) =>
        Fail(error, flag, flag == ResponseFlag.None ? EndpointBlame.NotTheEndpoint : EndpointBlame.Beyond);

    /// <summary>What becomes of the inner stream; the outer one's news are the attempt's own.</summary>
    private sealed class InnerAnswer(DoubleTunnelAttempt attempt) : IStreamCaller
    {
        public void OnResponse(Http2Response response) => attempt.OnInnerResponse(response);

        public void OnNotOpened(string error, ResponseFlag flag, bool isUnseen) => attempt.FailBeyond(error, flag);
    }
}
