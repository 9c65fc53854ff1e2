using Ztunnel.Linux;
using Ztunnel.State;

namespace Ztunnel.Proxy.Pods;

/// <summary>
/// Which endpoints did not take this pod's connections lately, as one worker saw it: counted, and forgotten in time. Of
/// each pod by itself, because what keeps one from an endpoint (its network policies, its certificate) need not keep
/// the others from it.
/// </summary>
internal sealed class EndpointHealth
{
    private readonly ProxyWorker _proxy;
    private readonly AvoidedEndpoints? _avoided;
    private WorkerTimer? _expiry;
    private int _counted;

    public EndpointHealth(ProxyWorker proxy)
    {
        _proxy = proxy;
        _avoided = proxy.Services.Config.Endpoints.AvoidsFailed ? new AvoidedEndpoints() : null;
    }

    private long Now => _proxy.Worker.NowMilliseconds;

    /// <param name="tried">By the connection that asks; null for none.</param>
    public EndpointDoubts Doubts(IReadOnlyList<EndpointKey>? tried) => new(tried, _avoided, Now);

    /// <summary>It did not take a connection. Of a gateway's route both ends: nobody knows which it was.</summary>
    public void Failed(OutboundRoute route)
    {
        if (_avoided is null || !route.IsOneOfSeveral || route.NextHop is not { } hop)
        {
            return;
        }

        _avoided.Failed(hop, Now);
        if (route.Beyond is { } beyond)
        {
            _avoided.Failed(beyond, Now);
        }

        Update();
    }

    public void Succeeded(OutboundRoute route)
    {
        if (_avoided is not { IsEmpty: false } || route.NextHop is not { } hop)
        {
            return;
        }

        _avoided.Succeeded(hop);
        if (route.Beyond is { } beyond)
        {
            _avoided.Succeeded(beyond);
        }

        Update();
    }

    /// <summary>The pod is gone.</summary>
    public void Clear()
    {
        _avoided?.Clear();
        if (_counted > 0)
        {
            Update();
        }
    }

    private void Update()
    {
        int count = _avoided!.CountAt(Now);
        _proxy.Services.Metrics.Endpoints.Avoided.Add(_proxy.Index, count - _counted);
        _counted = count;
        _expiry?.Cancel();
        _expiry = _avoided.Expire(Now) is { } due
            ? _proxy.Worker.Schedule(
                TimeSpan.FromMilliseconds(due - Now), static health => ((EndpointHealth)health!).Update(), this)
            : null;
    }
}
