using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Ztunnel.Hbone;
using Ztunnel.Linux;
using Ztunnel.Policy;
using Ztunnel.Proxy.Pods;
using Ztunnel.Proxy.ProxyProtocol;
using Ztunnel.Proxy.Relay;
using Ztunnel.Proxy.Tunnels;
using Ztunnel.State;
using Ztunnel.Telemetry;

namespace Ztunnel.Proxy.Inbound;

/// <summary>
/// One CONNECT request: is it for this pod, may it, is the application there; then the relay. In this order, each
/// refusal with its status.
/// </summary>
internal sealed class InboundStream : IRelayOwner, IUnattended
{
    private readonly PodWorker _pod;
    private readonly InboundTunnel _connection;
    private readonly TunnelConnection _tunnel;
    private readonly Http2Request _request;
    private readonly StreamRelay _relay;
    private readonly long _start = Stopwatch.GetTimestamp();
    private Workload? _workload;
    private InboundRoute? _route;
    private ConnectionRecord? _record;
    private bool _isEnded;

    public InboundStream(PodWorker pod, InboundTunnel connection, TunnelConnection tunnel, Http2Request request)
    {
        (_pod, _connection, _tunnel, _request) = (pod, connection, tunnel, request);
        _relay = new StreamRelay(tunnel, connection.Account, this);
    }

    PodWorker IUnattended.Pod => _pod;

    private ProxyWorker Proxy => _pod.Proxy;

    private string? ForwardedHost => _request.Forwarded is { } forwarded ? Forwarded.ParseHost(forwarded) : null;

    public void Begin(Http2Stream stream, bool endStream)
    {
        _tunnel.Attach(_relay, stream);
        if (endStream)
        {
            _relay.OnData(default, endStream: true); // a request that is over: the application gets a FIN at once
        }

        if (!_request.IsConnect)
        {
            Refuse(400, $"expected method CONNECT, got {_request.Method}");
        }
        else if (!InboundAuthority.TryParse(_request.Authority ?? "", out InboundAuthority authority))
        {
            Refuse(400, $"no valid authority pseudo header: {_request.Authority}");
        }
        else
        {
            this.Attend(AdmitAsync(authority));
        }
    }

    public void OnRelayEnded(string? error, ResponseFlag flag)
    {
        _isEnded = true;
        _record?.Close(error, flag);
        _connection.Remove(this);
    }

    void IUnattended.OnAborted() => _relay.Abort(null, ResponseFlag.None);

    void IUnattended.OnUnforeseen(string error) => _relay.Abort(error, ResponseFlag.Connect);

    public void Abort() => _relay.Abort("connection closed due to connection drain", ResponseFlag.None);

    public void Recheck(MeshSnapshot mesh)
    {
        if (_isEnded || _route is null || _workload is null)
        {
            return;
        }

        Workload current = mesh.FindWorkload(_pod.Pod.Info) ?? _workload;
        if (_pod.Pod.Services.Policy.Evaluate(mesh, current, Describe()).IsAllowed)
        {
            return;
        }

        _pod.Logger.ClosedByPolicy(
            _connection.Peer, _connection.PeerIdentity?.ToString() ?? "", _route.Target, current.Uid);
        _relay.Abort("connection closed due to policy change", ResponseFlag.Deny);
    }

    public void AddTo(List<ConnectionSummary> connections)
    {
        if (_route is { } route)
        {
            connections.Add(new ConnectionSummary(
                true, _connection.Peer.ToString(), ForwardedHost, route.Target.ToString(), "HBONE"));
        }
    }

    private async Task AdmitAsync(InboundAuthority authority)
    {
        Workload? workload = await _pod.FindWorkloadAsync();
        await _pod.FetchAsync(authority, _connection.Local.Address, _connection.Peer.Address);
        if (_isEnded)
        {
            return;
        }

        if (workload is null)
        {
            Refuse(503, _pod.UnknownWorkload);
        }
        else
        {
            Admit(workload, authority);
        }
    }

    private void Admit(Workload found, in InboundAuthority authority)
    {
        MeshSnapshot mesh = _pod.Mesh;
        Workload workload = mesh.FindWorkload(_pod.Pod.Info) ?? found; // other policies may be its own by now
        _workload = workload;
        InboundDecision decision = Proxy.Inbound.Select(mesh, workload, _connection.Local.Address, authority);
        if (!decision.HasRoute)
        {
            Refuse(decision.Status, decision.Error);
            return;
        }

        _route = decision.Route;
        OpenRecord(mesh, workload, authority);
        PolicyVerdict verdict = _pod.Pod.Services.Policy.Evaluate(mesh, workload, Describe());
        if (verdict.IsAllowed)
        {
            this.Attend(ConnectAsync());
        }
        else
        {
            Answer(401);
            _relay.Abort($"connection closed due to policy rejection: {verdict.Reason}", ResponseFlag.Deny);
        }
    }

    private PolicyConnection Describe() => new(_connection.Peer, _connection.PeerIdentity, _route!.Target);

    private void OpenRecord(MeshSnapshot mesh, Workload workload, in InboundAuthority authority)
    {
        string network = _pod.Pod.Services.Config.Instance.Network;
        bool isFromElsewhere = _request.ForwardedNetwork is { } from
            && !string.Equals(from, network, StringComparison.OrdinalIgnoreCase);
        Workload? source = isFromElsewhere
            ? null
            : mesh.FindWorkload(new NetworkAddress(network, _connection.Peer.Address));
        bool usesBaggage = _pod.Pod.Services.Config.Tunnel.UsesBaggage;
        Service? service = InboundRouter.GuessService(
            mesh, workload, _route!.NamedService, ForwardedHost, _route.Target.Port);
        TrafficLabels labels = new()
        {
            Reporter = Reporter.Destination,
            Source = source is not null
                ? Proxy.Labels.Source(source, _connection.PeerIdentity)
                : PeerLabels.Derived(usesBaggage ? _request.Baggage : null, _connection.PeerIdentity),
            Destination = Proxy.Labels.Destination(workload),
            Service = Proxy.Labels.Of(service),
            IsMutualTls = true,
        };
        _record = new ConnectionRecord(
            Proxy,
            new AccessRecord
            {
                Labels = labels,
                SourceAddress = _connection.Peer,
                SourceName = source?.Name,
                DestinationAddress = _connection.Local,
                HboneAddress = _request.Authority,
                DestinationName = workload.Name,
            },
            _start);
    }

    private async Task ConnectAsync()
    {
        InboundRoute route = _route!;
        bool isLocal = route.WritesProxyHeader && _pod.Pod.Services.Config.InPod.LocalhostAppTunnel;
        InetEndpoint target = isLocal
            ? new InetEndpoint(route.Target.Address.IsV6 ? InetAddress.LoopbackV6 : InetAddress.LoopbackV4, route.Target.Port)
            : route.Target;
        InetAddress? source = _pod.Pod.KeepsSource && !isLocal ? _connection.Peer.Address : null;
        (TcpSocket? app, IoResult result) = await UpstreamSocket.ConnectAsync(_pod, target, source, keepAlive: false);
        if (_isEnded)
        {
            UpstreamSocket.Discard(_pod, app);
        }
        else if (app is null)
        {
            FailLater($"connection failed: {result.Text}");
        }
        else
        {
            Run(app, route);
        }
    }

    private void FailLater(string error)
    {
        TimeSpan delay = _connection.DelayFailure();
        if (delay == TimeSpan.Zero)
        {
            Fail(error);
        }
        else
        {
            Proxy.Worker.Schedule(delay, _ => Fail(error), null);
        }
    }

    private void Fail(string error)
    {
        if (!_isEnded)
        {
            Answer(503);
            _relay.Abort(error, ResponseFlag.Connect);
        }
    }

    private void Run(TcpSocket app, InboundRoute route)
    {
        _relay.Adopt(app);
        _tunnel.Core.Respond(
            _relay.Stream, 200, _pod.Pod.Services.Config.Tunnel.UsesBaggage ? _pod.Baggage(_workload!) : null, endStream: false);
        _tunnel.OnOutput();
        if (route.WritesProxyHeader)
        {
            string? identity = _connection.PeerIdentity?.ToString();
            byte[] header = new byte[ProxyHeaderV2.Size(_connection.Peer, route.ProxyDestination, identity)];
            ProxyHeaderV2.Write(header, _connection.Peer, route.ProxyDestination, identity);
            IoResult sent = app.Send(header);
            if (sent.Count != header.Length) // a fresh socket takes a few hundred bytes, or it is broken
            {
                _relay.Abort($"io error: {sent.Text}", ResponseFlag.Connect);
                return;
            }
        }

        _relay.Run(_record!);
    }

    private void Answer(int status)
    {
        _tunnel.Core.Respond(_relay.Stream, status, baggage: null, endStream: true);
        _tunnel.OnOutput();
    }

    // Before there is a record: a line of its own, no metric.
    private void Refuse(int status, string error)
    {
        Proxy.Services.Access.EarlyDeny(_connection.Peer, _connection.Local, Reporter.Destination, error);
        Answer(status);
        _relay.Abort(error, ResponseFlag.None);
    }
}
