using Ztunnel.ControlPlane;
using Ztunnel.State;
using Ztunnel.Telemetry;

namespace Ztunnel.Xds;

/// <summary>
/// Keeps the mesh as the control plane describes it: one stream after the other, for as long as the process lives. What
/// was learnt stays in force while there is none.
/// </summary>
internal sealed class XdsClient : IResourceStream, IDisposable
{
    private const string Scope = "ztunnel::xds::client";

    private readonly XdsClientOptions _options;
    private readonly ControlPlaneChannel _channel;
    private readonly XdsMethod _method = new();
    private readonly XdsRequests _requests;
    private readonly XdsIntake _intake;
    private readonly OnDemandFetches _fetches;
    private readonly XdsClientMetrics _metrics;
    private readonly ScopeLogger _log;
    private readonly TimeProvider _time;

    public XdsClient(
        XdsClientOptions options, MeshState mesh, ZtunnelMetrics metrics, LogFactory log, TimeProvider time)
    {
        (_options, _time) = (options, time);
        _log = log.CreateScope(Scope);
        _channel = new ControlPlaneChannel(options.Endpoint, _log);
        _metrics = new XdsClientMetrics(metrics, time);
        _requests = new XdsRequests(options.Node);
        XdsSubscription addresses = new(
            XdsTypes.Address, options.IsOnDemand ? SubscriptionKind.OnDemand : SubscriptionKind.Wildcard);
        XdsSubscription policies = new(XdsTypes.Authorization, SubscriptionKind.Wildcard);
        _fetches = new OnDemandFetches(_requests, addresses, options.FetchDeadline, time, _log);
        _intake = new XdsIntake(
            _requests,
            _fetches,
            _metrics,
            options.IsOnDemand ? [XdsTypes.Authorization] : [XdsTypes.Address, XdsTypes.Authorization]);
        _intake.Add(addresses, new AddressTarget(mesh, _log));
        _intake.Add(policies, new AuthorizationTarget(mesh));
    }

    /// <summary>The mesh is known: every type of it had its first response.</summary>
    public Task Synced => _intake.Synced;

    public void Register(string typeUrl, IResourceHandler handler)
    {
        XdsSubscription subscription = new(typeUrl, SubscriptionKind.Named);
        _intake.Add(subscription, new NamedTarget(handler, name => _requests.IsWanted(subscription, name)));
    }

    public void Subscribe(string typeUrl, string name) => _requests.Subscribe(Registered(typeUrl), name);

    public void Unsubscribe(string typeUrl, string name) => _requests.Unsubscribe(Registered(typeUrl), name);

    /// <summary>
    /// On demand: asks for one name (<c>network/IP</c>, <c>namespace/hostname</c>, uid) and waits until the answer is
    /// in the state, or the deadline has passed. Otherwise the state knows all there is, and nothing is asked.
    /// </summary>
    /// <returns>False: the deadline has passed.</returns>
    public ValueTask<bool> FetchAsync(string name, CancellationToken cancellation) =>
        _options.IsOnDemand ? new(_fetches.FetchAsync(name, cancellation)) : ValueTask.FromResult(true);

    /// <summary>Ends when asked to; whatever the network or the server does, it goes on.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        XdsBackoff backoff = new(Random.Shared);
        try
        {
            for (long id = 1; ; id++)
            {
                ScopeLogger log = _log.In(new LogSpan("xds", "id", id));
                XdsStream stream = new(_options, _channel, _method, _requests, _intake, log);
                XdsStreamEnd end = await stream.RunAsync(() => OnEstablished(log), stopping);
                if (end.IsRequestTooLarge)
                {
                    log.RequestTooLarge();
                    _requests.BeBrief();
                }

                TimeSpan delay = backoff.After(end.Reason, end.Lived);
                OnEnded(log, end, delay);
                await Task.Delay(delay, _time, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            _metrics.Disconnected();
        }
    }

    public void Dispose() => _channel.Dispose();

    private XdsSubscription Registered(string typeUrl) => _intake.Find(typeUrl)
        ?? throw new ArgumentException($"nobody takes resources of type {typeUrl}", nameof(typeUrl));

    private void OnEstablished(ScopeLogger log)
    {
        _metrics.Connected();
        log.Established();
    }

    private void OnEnded(ScopeLogger log, XdsStreamEnd end, TimeSpan delay)
    {
        _metrics.Terminated(end.Reason);
        switch (end.Reason)
        {
            case XdsTermination.ConnectionError:
                log.ConnectionFailed(end.Error, delay);
                break;
            case XdsTermination.Error:
                log.StreamFailed(end.Error, delay);
                break;
            case XdsTermination.Reconnect:
                log.Reconnecting(end.Error, delay);
                break;
            default:
                log.Complete();
                break;
        }
    }
}
