using Ztunnel.Linux;
using Ztunnel.Proxy.Pods;
using SocketSettings = Ztunnel.Config.SocketOptions;

namespace Ztunnel.Proxy.Relay;

/// <summary>
/// What a relay does by the clock. TCP keepalive is set on connections that have got some age: most never do, and are
/// spared eight system calls. A half-closed one is probed often and ended when nothing moves for long.
/// </summary>
internal struct RelayAge
{
    /// <summary>Well below any keepalive time that finds something out.</summary>
    private static readonly TimeSpan s_first = TimeSpan.FromSeconds(10);

    /// <summary>
    /// conntrack forgets a half-closed connection after 60 s without a packet, and with it where the rest belongs.
    /// </summary>
    private static readonly TimeSpan s_halfClosedProbe = TimeSpan.FromSeconds(20);

    private Worker _worker;
    private Action<object?> _due;
    private object _relay;
    private WorkerTimer? _timer;
    private TimeSpan _patience;
    private long _lastMoved;
    private bool _isHalfClosed;

    /// <param name="patience">With a half-closed connection on which nothing moves.</param>
    public void Begin(Worker worker, TimeSpan patience, Action<object?> due, object relay)
    {
        (_worker, _patience, _due, _relay) = (worker, patience, due, relay);
        _timer = worker.Schedule(patience < s_first ? patience : s_first, due, relay);
    }

    public void Moved() => _lastMoved = _worker.NowMilliseconds;

    public void OnHalfClosed()
    {
        if (!_isHalfClosed)
        {
            _isHalfClosed = true;
            Moved();
            if (_timer is { IsPending: false })
            {
                _timer = _worker.Schedule(s_first, _due, _relay);
            }
        }
    }

    /// <returns>True: half-closed and silent for too long.</returns>
    public bool OnDue()
    {
        if (!_isHalfClosed)
        {
            return false;
        }

        TimeSpan left = _patience - TimeSpan.FromMilliseconds(_worker.NowMilliseconds - _lastMoved);
        if (left <= TimeSpan.Zero)
        {
            return true;
        }

        _timer = _worker.Schedule(left, _due, _relay);
        return false;
    }

    public readonly void SetKeepAlive(TcpSocket socket, SocketSettings settings)
    {
        if (_isHalfClosed)
        {
            SocketOptions.SetKeepAlive(socket, s_halfClosedProbe, s_halfClosedProbe, 9);
        }
        else
        {
            PodSockets.SetKeepAlive(settings, socket);
        }
    }

    public readonly void Cancel() => _timer?.Cancel();
}
