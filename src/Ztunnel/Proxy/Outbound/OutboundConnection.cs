using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Ztunnel.Linux;
using Ztunnel.OpenSsl;
using Ztunnel.Proxy.Pods;
using Ztunnel.State;
using Ztunnel.Telemetry;

namespace Ztunnel.Proxy.Outbound;

/// <summary>
/// One captured connection out of the pod: where it wanted to go, which endpoint it goes to, and what becomes of it.
/// Watches the application's socket until something carries it.
/// </summary>
internal sealed partial class OutboundConnection : IEpollHandler, IPodConnection, IUnattended
{
    private const string Undecided = "the control plane did not say in time what the destination is";

    private readonly long _start = Stopwatch.GetTimestamp();
    private InetEndpoint _target;
    private Workload? _source;
    private OutboundRoute? _route;
    private OutboundAttempt? _attempt;
    private ConnectionRecord? _record;
    private bool _isWatched;
    private bool _isUp;
    private bool _isEnded;

    public OutboundConnection(PodWorker pod, TcpSocket socket, InetEndpoint client) =>
        (Pod, Socket, Client) = (pod, socket, client);

    public PodWorker Pod { get; }

    public TcpSocket Socket { get; }

    public InetEndpoint Client { get; }

    /// <summary>What the kernel told of the socket so far; edges are told once.</summary>
    public EpollEvents Seen { get; private set; }

    public TurnAccount Account => Pod.Account;

    private ProxyWorker Proxy => Pod.Proxy;

    /// <summary>Where the redirect took it from.</summary>
    public void Begin()
    {
        Register();
        if (!SocketOptions.TryGetOriginalDestination(Socket, out InetEndpoint target))
        {
            Pod.Logger.NoOriginalDestination(Client);
            target = Socket.LocalEndpoint();
        }

        target = target.Canonical();
        if (target.Port == Proxy.Services.Config.Listen.OutboundPort && target == Socket.LocalEndpoint())
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

    // What the application sends before it is connected waits in the kernel; that it is gone is worth knowing.
    public void OnEvents(EpollEvents events)
    {
        Seen |= events;
        if ((events & EpollEvents.Error) != 0 && SocketOptions.TakeError(Socket) is > 0 and int error)
        {
            IoResult gone = IoResult.Failed(error);
            Close(gone.IsDisconnect ? null : $"io error: {gone.Text}",
                gone.IsDisconnect ? ResponseFlag.None : ResponseFlag.Connect);
        }
    }

    // An outbound connection is nobody's to re-evaluate: the destination's proxy decides.
    public void Recheck(MeshSnapshot mesh)
    {
    }

    public void RecheckPeer(RevocationLists lists) => _attempt?.RecheckPeer(lists);

    public void Drain()
    {
    }

    public void Abort() => Close("connection closed due to connection drain", ResponseFlag.None);

    public void OnAborted() => Abort();

    public void OnUnforeseen(string error) => Close(error, ResponseFlag.Connect);

    public void AddTo(List<ConnectionSummary> connections)
    {
        if (_attempt is { Route: { } route } attempt)
        {
            connections.Add(new ConnectionSummary(
                false, Client.ToString(), _target.ToString(), route.Target.ToString(), attempt.Protocol));
        }
    }

    /// <summary>The relay is over, and the socket closed.</summary>
    internal void OnEnded(string? error, ResponseFlag flag)
    {
        _record?.Close(error, flag);
        End();
    }

    private void Register()
    {
        Pod.Add(this);
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

        this.Attend(RouteAsync());
    }

    private async Task RouteAsync()
    {
        Workload? found = await Pod.FindWorkloadAsync();
        bool isAnswered = await Pod.FetchAsync(_target.Address);
        if (_isEnded)
        {
            return;
        }

        if (found is null)
        {
            Deny(Pod.UnknownWorkload);
        }
        else if (!isAnswered)
        {
            Deny(Undecided); // taken for a stranger's, what belongs into a tunnel would go in plaintext
        }
        else
        {
            Route(found);
        }
    }

    private void Route(Workload source)
    {
        _source = source;
        _begun = Proxy.Worker.NowMilliseconds;
        OutboundDecision decision = FindFirst(source);
        if (decision.HasRoute)
        {
            Follow(decision.Route);
        }
        else
        {
            Deny(decision.Error);
        }
    }

    // Before there is a record: a line of its own, no metric.
    private void Deny(string error)
    {
        Proxy.Services.Access.EarlyDeny(Client, _target, Reporter.Source, error);
        CloseSocket();
        End();
    }

    // From whichever stage.
    private void Close(string? error, ResponseFlag flag)
    {
        if (_isEnded)
        {
            return;
        }

        if (_isUp)
        {
            _attempt!.Abort(error, flag); // comes back as OnEnded
            return;
        }

        _attempt?.Cancel();
        if (_route is { } route)
        {
            (_record ?? OpenRecord(route)).Close(error, flag);
        }

        CloseSocket();
        End();
    }

    private void CloseSocket()
    {
        if (_isWatched)
        {
            Proxy.Worker.Forget(Socket);
        }

        Socket.Dispose();
    }

    private void End()
    {
        if (!_isEnded)
        {
            _isEnded = true;
            Proxy.Services.Metrics.Traffic.SocketClosed(Proxy.Index, Reporter.Source);
            Pod.Remove(this);
        }
    }
}
