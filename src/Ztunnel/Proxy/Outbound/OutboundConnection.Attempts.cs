using System.Net;
using System.Net.Sockets;
using Ztunnel.Hbone;
using Ztunnel.Identity;
using Ztunnel.Linux;
using Ztunnel.Proxy.Pods;
using Ztunnel.State;
using Ztunnel.Telemetry;

namespace Ztunnel.Proxy.Outbound;

// To one endpoint after the other, until one takes the connection.
internal sealed partial class OutboundConnection
{
    private List<EndpointKey>? _tried;
    private TraceParent? _trace;
    private long _begun; // of the first attempt, in worker milliseconds
    private int _retries;

    /// <summary>The pod's own, which its peers will see.</summary>
    public SpiffeId Identity => _source!.Identity;

    /// <summary>Others were tried, and all of them together have had the time that connecting may take.</summary>
    public bool IsOverdue => _retries > 0 && TimeLeft <= TimeSpan.Zero;

    private int MostRetries => Proxy.Services.Config.Endpoints.ConnectRetries;

    private TimeSpan Limit => Proxy.Services.Config.Deadlines.Connect;

    private TimeSpan TimeLeft => Limit - TimeSpan.FromMilliseconds(Proxy.Worker.NowMilliseconds - _begun);

    /// <summary>How long an attempt may take until others are looked for; null: as long as it takes.</summary>
    internal TimeSpan? PatienceWith(OutboundRoute route)
    {
        TimeSpan left = TimeLeft;
        if (!route.IsOneOfSeveral || left <= TimeSpan.Zero)
        {
            return null;
        }

        TimeSpan share = Limit / (MostRetries + 1);
        return _retries < MostRetries ? (share < left ? share : left) : _retries > 0 ? left : null;
    }

    /// <summary>The same for all attempts, but for its authority.</summary>
    internal ConnectRequest Request(OutboundRoute route) => new()
    {
        Authority = route.Authority!,
        Baggage = Pod.Baggage(_source!),
        Forwarded = Forwarded.Format(Client.ToString(), route.Service?.Hostname),
        TraceParent = _trace ??= CreateTrace(),
    };

    /// <summary>The endpoint takes the connection: whoever asks takes the socket over at once.</summary>
    internal ConnectionRecord OnUp(OutboundAttempt attempt) =>
        OnUp(attempt, LabelsOf(attempt.Route), attempt.Route.Destination?.Name);

    /// <inheritdoc cref="OnUp(OutboundAttempt)"/>
    /// <param name="peer">Who is at the other end, as it says itself.</param>
    internal ConnectionRecord OnUp(OutboundAttempt attempt, TrafficPeer peer, string? name)
    {
        _isUp = true;
        Pod.Endpoints.Succeeded(attempt.Route);
        return _record ??= OpenRecord(attempt.Route, peer, name);
    }

    internal void OnFailed(OutboundAttempt attempt, string error, ResponseFlag flag, EndpointBlame blame)
    {
        if (_isEnded || attempt != _attempt)
        {
            return;
        }

        if (blame == EndpointBlame.Endpoint)
        {
            Pod.Endpoints.Failed(attempt.Route);
        }

        if (blame == EndpointBlame.NotTheEndpoint || FindAnother(attempt.Route) is not { } other)
        {
            Close(error, flag);
            return;
        }

        TryInstead(attempt.Route, other, error);
    }

    /// <summary>Gives an attempt up that is still waiting, if there is another endpoint to go to.</summary>
    internal bool TryAnother(OutboundAttempt attempt, string reason)
    {
        if (_isEnded || attempt != _attempt || FindAnother(attempt.Route) is not { } other)
        {
            return false;
        }

        attempt.Cancel();
        Pod.Endpoints.Failed(attempt.Route);
        TryInstead(attempt.Route, other, reason);
        return true;
    }

    // Leaving endpoints out makes the others likelier, and must not make it likelier that bytes go in the clear.
    private OutboundDecision FindFirst(Workload source)
    {
        EndpointDoubts doubts = Pod.Endpoints.Doubts(tried: null);
        OutboundDecision decision = Proxy.Outbound.Select(Pod.State, source, Client.Address, _target, in doubts);
        if (doubts.IsEmpty || decision.Route is not { Kind: RouteKind.Tcp, IsOneOfSeveral: true } plain)
        {
            return decision;
        }

        OutboundDecision undoubted = Proxy.Outbound.Select(Pod.State, source, Client.Address, _target);
        return undoubted.Route is { } route && IsDowngrade(route, plain) ? undoubted : decision;
    }

    private OutboundRoute? FindAnother(OutboundRoute failed)
    {
        if (!failed.IsOneOfSeveral || _retries >= MostRetries || TimeLeft <= TimeSpan.Zero)
        {
            return null;
        }

        Remember(failed);
        for (int look = 0; look <= MostRetries; look++)
        {
            EndpointDoubts doubts = Pod.Endpoints.Doubts(_tried);
            OutboundDecision decision = Proxy.Outbound.Select(Pod.State, _source!, Client.Address, _target, in doubts);
            if (decision.Route is not { NextHop: { } next } other || doubts.HasTried(next))
            {
                return null;
            }

            if (!IsDowngrade(failed, other))
            {
                return other;
            }

            Remember(other);
        }

        return null;
    }

    // Whoever can keep us from a tunnel must not thereby get the bytes in the clear.
    private static bool IsDowngrade(OutboundRoute failed, OutboundRoute other) =>
        failed.Kind != RouteKind.Tcp && other.Kind == RouteKind.Tcp;

    private void Remember(OutboundRoute route)
    {
        _tried ??= [];
        foreach (EndpointKey? endpoint in (ReadOnlySpan<EndpointKey?>)[route.NextHop, route.Beyond])
        {
            if (endpoint is { } key && !_tried.Contains(key))
            {
                _tried.Add(key);
            }
        }
    }

    private void TryInstead(OutboundRoute failed, OutboundRoute other, string reason)
    {
        _retries++;
        Proxy.Services.Metrics.Endpoints.Retries.Increment(Proxy.Index);
        Pod.Logger.EndpointFailed(Client, failed.Target, other.Target, reason);
        Follow(other);
    }

    private void Follow(OutboundRoute route)
    {
        if (route.ResolveHostname is { } hostname)
        {
            this.Attend(ResolveAsync(route, hostname));
            return;
        }

        if (!_isWatched)
        {
            Proxy.Worker.Watch(Socket, EpollEvents.Connection, this);
            _isWatched = true;
        }

        _route = route;
        if (route.Kind != RouteKind.DoubleHbone && (MostRetries == 0 || !route.IsOneOfSeveral))
        {
            _record ??= OpenRecord(route); // else when it is known which endpoint it is of
        }

        _attempt = route.Kind switch
        {
            RouteKind.Hbone => new TunnelAttempt(this, route),
            RouteKind.DoubleHbone => new DoubleTunnelAttempt(this, route),
            _ => new PlainAttempt(this, route),
        };
        _attempt.Begin();
    }

    // By the proxy's own resolver and configuration: the workload is the mesh's, not the pod's.
    private async Task ResolveAsync(OutboundRoute route, string hostname)
    {
        try
        {
            Proxy.Services.Metrics.Resolution.Requested(Proxy.Labels.Source(_source!, Identity), hostname);
            IPAddress[] answers = await System.Net.Dns.GetHostAddressesAsync(
                hostname,
                Proxy.Services.Config.Listen.IPv6 ? AddressFamily.Unspecified : AddressFamily.InterNetwork,
                Pod.Pod.Aborted.Token);
            if (_isEnded)
            {
                return;
            }

            IPAddress[] preferred = [.. answers.Where(answer => IsV6(answer) == route.PrefersV6)];
            IPAddress[] candidates = preferred.Length > 0 ? preferred : answers;
            if (candidates.Length > 0)
            {
                Follow(route.Resolved(InetAddress.From(candidates[Proxy.Random.Next(candidates.Length)])));
            }
            else
            {
                OnUnresolved(route, $"ip addresses were resolved for workload {route.Destination!.Uid}, "
                    + "but valid dns response had no A/AAAA records");
            }
        }
        catch (SocketException)
        {
            OnUnresolved(route, $"no ip addresses were resolved for workload: {route.Destination!.Uid}");
        }
    }

    private void OnUnresolved(OutboundRoute route, string error)
    {
        Pod.Endpoints.Failed(route);
        if (FindAnother(route) is { } other)
        {
            TryInstead(route, other, error);
        }
        else
        {
            Deny(error);
        }
    }

    private TrafficPeer LabelsOf(OutboundRoute route) => route.Destination is { } destination
        ? Proxy.Labels.Destination(destination)
        : TrafficPeer.Unknown;

    private ConnectionRecord OpenRecord(OutboundRoute route) =>
        OpenRecord(route, LabelsOf(route), route.Destination?.Name);

    private ConnectionRecord OpenRecord(OutboundRoute route, TrafficPeer peer, string? name)
    {
        bool isMutualTls = route.Kind is RouteKind.Hbone or RouteKind.DoubleHbone;
        TrafficLabels labels = new()
        {
            Reporter = Reporter.Source,
            Source = Proxy.Labels.Source(_source!, isMutualTls ? Identity : null),
            Destination = peer,
            Service = Proxy.Labels.Of(route.Service),
            IsMutualTls = isMutualTls,
        };
        return new ConnectionRecord(
            Proxy,
            new AccessRecord
            {
                Labels = labels,
                SourceAddress = Client,
                SourceName = _source!.Name,
                DestinationAddress = route.Target,
                DestinationName = name,
                HboneAddress = route.Authority,
            },
            _start);
    }

    // An identifier, not a secret: the system's generator would cost more than the request's encoding.
    private TraceParent CreateTrace() => new(
        new UInt128((ulong)Proxy.Random.NextInt64(), (ulong)Proxy.Random.NextInt64()), (ulong)Proxy.Random.NextInt64());

    private static bool IsV6(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6;
}
