using Ztunnel.Linux;
using Ztunnel.OpenSsl;
using Ztunnel.Proxy.Pods;
using Ztunnel.State;
using Ztunnel.Telemetry;

namespace Ztunnel.Proxy.Outbound;

/// <summary>
/// One way a connection may go, until it is up or has failed, and what carries it from then on. Until it is up nothing
/// of the application's was sent, so that another attempt may follow.
/// </summary>
internal abstract class OutboundAttempt(OutboundConnection connection, OutboundRoute route)
{
    private WorkerTimer? _patience;

    public OutboundRoute Route { get; } = route;

    /// <summary>As the config dump calls it.</summary>
    public abstract string Protocol { get; }

    protected OutboundConnection Connection { get; } = connection;

    protected PodWorker Pod => Connection.Pod;

    /// <summary>Failed, or given up: whatever still comes is nobody's.</summary>
    protected bool IsOver { get; private set; }

    /// <summary>May fail or come up within the call.</summary>
    public abstract void Begin();

    /// <summary>Before it is up: lets go of everything and says nothing.</summary>
    public void Cancel()
    {
        IsOver = true;
        _patience?.Cancel();
        Release();
    }

    /// <summary>Once it is up: ends what carries the connection, which comes back as the relay's end.</summary>
    public abstract void Abort(string? error, ResponseFlag flag);

    /// <summary>Of a tunnel that is this connection's own; the pool's are the pool's.</summary>
    public virtual void RecheckPeer(RevocationLists lists)
    {
    }

    /// <summary>Of what an attempt holds that is not up.</summary>
    protected abstract void Release();

    protected void Fail(string error, ResponseFlag flag, EndpointBlame blame)
    {
        if (!IsOver)
        {
            Cancel();
            Connection.OnFailed(this, error, flag, blame);
        }
    }

    /// <summary>From now on it is the peer who is waited for: not for ever, where there are others.</summary>
    protected void LimitPatience()
    {
        _patience?.Cancel();
        if (!IsOver && Connection.PatienceWith(Route) is { } patience)
        {
            _patience = Pod.Proxy.Worker.Schedule(
                patience, static attempt => ((OutboundAttempt)attempt!).OnImpatient(), this);
        }
    }

    /// <summary>The peer has answered, one way or the other.</summary>
    protected void EndPatience() => _patience?.Cancel();

    /// <summary>Others were tried and the time for connecting is used up.</summary>
    protected abstract void OnOverdue();

    private void OnImpatient()
    {
        if (Connection.TryAnother(this, "no answer in good time"))
        {
            return;
        }

        if (Connection.IsOverdue)
        {
            OnOverdue();
        }
        else
        {
            LimitPatience();
        }
    }
}
