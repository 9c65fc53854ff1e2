using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Ztunnel.Linux;
using Ztunnel.Policy;
using Ztunnel.Proxy.Pods;
using Ztunnel.Proxy.Relay;
using Ztunnel.State;
using Ztunnel.Telemetry;

namespace Ztunnel.Proxy.Inbound;

/// <summary>A captured connection to the pod that came without HBONE: without an identity, for policy to decide.</summary>
internal sealed class PlaintextConnection : IRelayOwner, IPodConnection, IUnattended, IContinuation
{
    private readonly PodWorker _pod;
    private readonly TcpSocket _socket;
    private readonly InetEndpoint _client;
    private readonly PeerAccount _account;
    private readonly long _start = Stopwatch.GetTimestamp();
    private InetEndpoint _target;
    private Workload? _workload;
    private ConnectionRecord? _record;
    private SocketRelay? _relay;
    private bool _isEnded;

    public PlaintextConnection(PodWorker pod, TcpSocket socket, InetEndpoint client)
    {
        (_pod, _socket, _client) = (pod, socket, client);
        _account = pod.Peers.Take(client.Address);
    }

    public TurnAccount Account => _account.Turns;

    PodWorker IUnattended.Pod => _pod;

    private ProxyWorker Proxy => _pod.Proxy;

    private ProxyServices Services => _pod.Pod.Services;

    public void Begin()
    {
        _pod.Add(this);
        Services.Metrics.Traffic.SocketOpened(Proxy.Index, Reporter.Destination);
        if (_account.TryQueue())
        {
            Proxy.Worker.Continue(this);
        }
        else
        {
            Proxy.Tunnels.Shed("peer").Increment(Proxy.Index);
            _socket.Dispose();
            End();
        }
    }

    public void Continue()
    {
        _account.Dequeue();
        if (_isEnded)
        {
            return;
        }

        if (!SocketOptions.TryGetOriginalDestination(_socket, out InetEndpoint target))
        {
            _pod.Logger.NoOriginalDestination(_client);
            target = _socket.LocalEndpoint();
        }

        _target = target.Canonical();
        if (Services.Config.Listen.Forbidden.Contains(_target.Port))
        {
            Deny(InboundRouter.SelfCall);
            return;
        }

        this.Attend(AdmitAsync());
    }

    public void OnRelayEnded(string? error, ResponseFlag flag)
    {
        _record?.Close(error, flag);
        End();
    }

    public void Drain()
    {
    }

    void IUnattended.OnAborted() => Abort();

    void IUnattended.OnUnforeseen(string error) => Fail(error, ResponseFlag.Connect);

    public void Abort() => Fail("connection closed due to connection drain", ResponseFlag.None);

    public void Recheck(MeshSnapshot mesh)
    {
        if (_isEnded || _workload is null)
        {
            return;
        }

        Workload current = mesh.FindWorkload(_pod.Pod.Info) ?? _workload;
        if (!Services.Policy.Evaluate(mesh, current, Describe()).IsAllowed)
        {
            _pod.Logger.ClosedByPolicy(_client, "", _target, current.Uid);
            Fail("connection closed due to policy change", ResponseFlag.Deny);
        }
    }

    public void AddTo(List<ConnectionSummary> connections)
    {
        if (_workload is not null)
        {
            connections.Add(new ConnectionSummary(true, _client.ToString(), null, _target.ToString(), "TCP"));
        }
    }

    private async Task AdmitAsync()
    {
        _ = _pod.FetchAsync(_client.Address).AsTask(); // for its labels: not waited for
        Workload? workload = await _pod.FindWorkloadAsync();
        if (_isEnded)
        {
            return;
        }

        if (workload is null)
        {
            Deny(_pod.UnknownWorkload);
        }
        else
        {
            Admit(workload);
        }
    }

    private void Admit(Workload found)
    {
        MeshSnapshot mesh = _pod.Mesh;
        Workload workload = mesh.FindWorkload(_pod.Pod.Info) ?? found; // other policies may be its own by now
        _workload = workload;
        OpenRecord(mesh, workload);
        PolicyVerdict verdict = Services.Policy.Evaluate(mesh, workload, Describe());
        if (verdict.IsAllowed)
        {
            this.Attend(ConnectAsync());
        }
        else
        {
            Fail($"connection closed due to policy rejection: {verdict.Reason}", ResponseFlag.Deny);
        }
    }

    private PolicyConnection Describe() => new(_client, identity: null, _target);

    private void OpenRecord(MeshSnapshot mesh, Workload workload)
    {
        Workload? source = mesh.FindWorkload(new NetworkAddress(Services.Config.Instance.Network, _client.Address));
        TrafficLabels labels = new()
        {
            Reporter = Reporter.Destination,
            Source = source is not null ? Proxy.Labels.Source(source, principal: null) : TrafficPeer.Unknown,
            Destination = Proxy.Labels.Destination(workload),
            Service = Proxy.Labels.Of(InboundRouter.GuessService(mesh, workload, null, null, _target.Port)),
        };
        _record = new ConnectionRecord(
            Proxy,
            new AccessRecord
            {
                Labels = labels,
                SourceAddress = _client,
                SourceName = source?.Name,
                DestinationAddress = _target,
                DestinationName = workload.Name,
            },
            _start);
    }

    private async Task ConnectAsync()
    {
        InetAddress? source = _pod.Pod.KeepsSource ? _client.Address : null;
        (TcpSocket? upstream, IoResult result) = await UpstreamSocket.ConnectAsync(_pod, _target, source, keepAlive: false);
        if (_isEnded)
        {
            UpstreamSocket.Discard(_pod, upstream);
        }
        else if (upstream is null)
        {
            Fail($"connection failed: {result.Text}", ResponseFlag.Connect);
        }
        else
        {
            _relay = new SocketRelay(Proxy, Account, _socket, upstream, _record!, this);
            _relay.Run(seen: null);
        }
    }

    private void Deny(string error)
    {
        Services.Access.EarlyDeny(_client, _target, Reporter.Destination, error);
        _socket.Dispose();
        End();
    }

    private void Fail(string error, ResponseFlag flag)
    {
        if (_isEnded)
        {
            return;
        }

        if (_relay is { } relay)
        {
            relay.Abort(error, flag); // comes back as OnRelayEnded
        }
        else
        {
            _record?.Close(error, flag);
            _socket.Dispose();
            End();
        }
    }

    private void End()
    {
        if (!_isEnded)
        {
            _isEnded = true;
            _pod.Peers.Return(_account);
            Services.Metrics.Traffic.SocketClosed(Proxy.Index, Reporter.Destination);
            _pod.Remove(this);
        }
    }
}
