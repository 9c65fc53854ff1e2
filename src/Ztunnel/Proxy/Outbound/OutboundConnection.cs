using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Ztunnel.Hbone;
using Ztunnel.Linux;
using Ztunnel.Proxy.Pods;
using Ztunnel.Proxy.Relay;
using Ztunnel.Proxy.Tunnels;
using Ztunnel.State;
using Ztunnel.Telemetry;

namespace Ztunnel.Proxy.Outbound;

/// <summary>
/// One captured connection out of the pod: where it wanted to go, which way it goes, and the relay once it is there.
/// </summary>
internal sealed partial class OutboundConnection : IRelayOwner, IPoolWaiter, IPodConnection
{
    /// <summary>A peer that is going away may refuse a stream unseen; so many times another tunnel is tried.</summary>
    private const int MostRefusals = 3;

    private readonly PodWorker _pod;
    private readonly TcpSocket _socket;
    private readonly InetEndpoint _client;
    private readonly long _start = Stopwatch.GetTimestamp();
    private InetEndpoint _target;
    private Workload? _source;
    private OutboundRoute? _route;
    private ConnectionRecord? _record;
    private StreamRelay? _stream;
    private SocketRelay? _relay;
    private WorkerTimer? _deadline;
    private int _refusals;
    private bool _isEnded;

    public OutboundConnection(PodWorker pod, TcpSocket socket, InetEndpoint client) =>
        (_pod, _socket, _client) = (pod, socket, client);

    public bool HasGivenUp => _isEnded;

    private ProxyWorker Proxy => _pod.Proxy;

    /// <summary>Where the redirect took it from.</summary>
    public void Begin()
    {
        Register();
        if (!SocketOptions.TryGetOriginalDestination(_socket, out InetEndpoint target))
        {
            _pod.Logger.NoOriginalDestination(_client);
            target = _socket.LocalEndpoint();
        }

        target = target.Canonical();
        if (target.Port == Proxy.Services.Config.Listen.OutboundPort && target == _socket.LocalEndpoint())
        {
            Deny(OutboundRouter.SelfCall); // nothing redirected it: what we connect to would be ourselves, for ever
            return;
        }

        Begin(target);
    }

    /// <summary>Where its client said it wants to go.</summary>
    public void BeginTo(InetEndpoint target)
    {
        Register();
        Begin(target);
    }

    public void OnRelayEnded(string? error, ResponseFlag flag)
    {
        _deadline?.Cancel();
        _record?.Close(error, flag);
        End();
    }

    // An outbound connection is nobody's to re-evaluate: the destination's proxy decides.
    public void Recheck(MeshSnapshot mesh)
    {
    }

    public void Drain()
    {
    }

    public void Abort() => Fail("connection closed due to connection drain", ResponseFlag.None);

    public void AddTo(List<ConnectionSummary> connections)
    {
        if (_route is { } route)
        {
            connections.Add(new ConnectionSummary(
                false, _client.ToString(), _target.ToString(), route.Authority ?? route.Target.ToString(),
                route.Kind == RouteKind.Hbone ? "HBONE" : "TCP"));
        }
    }

    private void Register()
    {
        _pod.Add(this);
        Proxy.Services.Metrics.Traffic.SocketOpened(Proxy.Index, Reporter.Source);
    }

    private void Begin(InetEndpoint target)
    {
        _target = target;
        if (Proxy.Outbound.IsSelfCall(target))
        {
            Deny(OutboundRouter.SelfCall);
            return;
        }

        _ = RouteAsync();
    }

    private async Task RouteAsync()
    {
        try
        {
            Workload? found = await _pod.FindWorkloadAsync();
            if (_isEnded)
            {
                return;
            }

            if (found is null)
            {
                Deny(_pod.UnknownWorkload);
            }
            else
            {
                Route(found);
            }
        }
        catch (OperationCanceledException) when (_pod.Pod.Aborted.IsCancellationRequested)
        {
            Abort();
        }
        catch (Exception e) // nobody awaits this task
        {
            Unforeseen(e);
        }
    }

    private void Route(Workload source)
    {
        _source = source;
        OutboundDecision decision = Proxy.Outbound.Select(_pod.Mesh, source, _client.Address, _target);
        if (!decision.HasRoute)
        {
            Deny(decision.Error);
        }
        else if (decision.Route.ResolveHostname is { } hostname)
        {
            _ = ResolveAsync(decision.Route, hostname);
        }
        else
        {
            Follow(decision.Route);
        }
    }

    private void Follow(OutboundRoute route)
    {
        _route = route;
        switch (route.Kind)
        {
            case RouteKind.Hbone:
                OpenRecord(isMutualTls: true);
                RequestTunnel();
                break;
            case RouteKind.DoubleHbone: // never in the clear, where two tunnels were decided
                Deny("destinations on other networks (double HBONE) are not supported yet");
                break;
            default:
                OpenRecord(isMutualTls: false);
                _ = ConnectAsync();
                break;
        }
    }

    private void OpenRecord(bool isMutualTls)
    {
        OutboundRoute route = _route!;
        TrafficLabels labels = new()
        {
            Reporter = Reporter.Source,
            Source = Proxy.Labels.Source(_source!, isMutualTls ? _source!.Identity : null),
            Destination = route.Destination is { } destination
                ? Proxy.Labels.Destination(destination)
                : TrafficPeer.Unknown,
            Service = Proxy.Labels.Of(route.Service),
            IsMutualTls = isMutualTls,
        };
        _record = new ConnectionRecord(
            Proxy,
            new AccessRecord
            {
                Labels = labels,
                SourceAddress = _client,
                SourceName = _source!.Name,
                DestinationAddress = route.Target,
                DestinationName = route.Destination?.Name,
                HboneAddress = route.Authority,
            },
            _start);
    }

    // Before there is a record: a line of its own, no metric.
    private void Deny(string error)
    {
        Proxy.Services.Access.EarlyDeny(_client, _target, Reporter.Source, error);
        CloseSocket();
        End();
    }

    private void Fail(string error, ResponseFlag flag)
    {
        if (_isEnded)
        {
            return;
        }

        if (_stream is { } stream)
        {
            stream.Abort(error, flag); // comes back as OnRelayEnded
        }
        else if (_relay is { } relay)
        {
            relay.Abort(error, flag);
        }
        else
        {
            _record?.Close(error, flag);
            CloseSocket();
            End();
        }
    }

    private void Unforeseen(Exception failure)
    {
        _pod.Logger.Unforeseen(failure.Message, failure);
        Fail($"internal error: {failure.Message}", ResponseFlag.Connect);
    }

    private void CloseSocket()
    {
        if (!_socket.IsClosed)
        {
            Proxy.Worker.Forget(_socket); // a tunnel that refused has had it watched
            _socket.Dispose();
        }
    }

    private void End()
    {
        if (!_isEnded)
        {
            _isEnded = true;
            _deadline?.Cancel();
            Proxy.Services.Metrics.Traffic.SocketClosed(Proxy.Index, Reporter.Source);
            _pod.Remove(this);
        }
    }
}
