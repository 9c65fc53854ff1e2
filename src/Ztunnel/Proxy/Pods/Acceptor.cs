using Microsoft.Extensions.Logging;
using Ztunnel.Linux;

namespace Ztunnel.Proxy.Pods;

/// <summary>
/// One worker's watch over a listener that all workers share. Out of descriptors it sheds what is queued, so that
/// clients learn of it, and then pauses: a listener that is ready and cannot be served must not spin.
/// </summary>
internal sealed class Acceptor : IEpollHandler, IContinuation
{
    /// <summary>Accepted in one slice; the rest waits behind others' events.</summary>
    private const int AcceptsPerSlice = 16;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    private readonly PodWorker _pod;
    private readonly TcpSocket _listener;
    private readonly string _component;
    private readonly Action<PodWorker, TcpSocket, InetEndpoint> _accepted;
    private IReadOnlyList<Acceptor> _all = [];
    private WorkerTimer? _paused;
    private bool _isWatching;
    private bool _isClosed;
    private bool _isContinued;
    private bool _hasWarned;

    public Acceptor(
        PodWorker pod, TcpSocket listener, string component, Action<PodWorker, TcpSocket, InetEndpoint> accepted) =>
        (_pod, _listener, _component, _accepted) = (pod, listener, component, accepted);

    public TurnAccount Account => _pod.Account;

    private Worker Worker => _pod.Proxy.Worker;

    /// <param name="all">This listener's acceptors on all workers.</param>
    public void Begin(IReadOnlyList<Acceptor> all)
    {
        _all = all;
        Watch();
    }

    /// <summary>The socket stays open for the other workers; their owner closes it.</summary>
    public void Close()
    {
        _isClosed = true;
        _paused?.Cancel();
        Unwatch();
    }

    public void OnEvents(EpollEvents events) => AcceptSome();

    public void Continue()
    {
        _isContinued = false;
        AcceptSome();
    }

    private void AcceptSome()
    {
        for (int most = AcceptsPerSlice; most > 0; most--)
        {
            if (_isClosed)
            {
                return;
            }

            if (_listener.Accept(out InetEndpoint peer, out IoResult result) is not { } socket)
            {
                OnNothing(result);
                return;
            }

            _hasWarned = false;
            Dispatch(socket, peer);
        }

        if (!_isContinued)
        {
            _isContinued = true;
            Worker.Continue(this);
        }
    }

    private void Dispatch(TcpSocket socket, InetEndpoint peer)
    {
        Acceptor target = this;
        foreach (Acceptor other in _all)
        {
            target = other.Worker.ConnectionCount < target.Worker.ConnectionCount ? other : target;
        }

        if (target == this || !IsWorthMoving(Worker.ConnectionCount, target.Worker.ConnectionCount))
        {
            _accepted(_pod, socket, peer);
        }
        else
        {
            target.Worker.Post(
                static state =>
                {
                    (Acceptor acceptor, TcpSocket moved, InetEndpoint from) = ((Acceptor, TcpSocket, InetEndpoint))state!;
                    acceptor.Take(moved, from);
                },
                (target, socket, peer));
        }
    }

    // A worker that batches many connections does each of them at less cost: spread only what is plainly lopsided.
    private static bool IsWorthMoving(int own, int least) => own >= 32 + (2 * least);

    private void Take(TcpSocket socket, InetEndpoint peer)
    {
        if (_isClosed)
        {
            socket.Dispose();
        }
        else
        {
            _accepted(_pod, socket, peer);
        }
    }

    private void OnNothing(IoResult result)
    {
        if (result.WouldBlock || result.Errno == Errno.ECONNABORTED)
        {
            return;
        }

        if (!result.IsOutOfDescriptors)
        {
            _pod.Logger.AcceptFailed(_component, result.Text);
            Pause();
            return;
        }

        if (!_hasWarned)
        {
            _hasWarned = true;
            _pod.Logger.Shedding(_component, "file descriptors");
        }

        int shed = SpareDescriptor.Shed(_listener, AcceptsPerSlice);
        _pod.Proxy.Tunnels.Shed("descriptors").Add(_pod.Proxy.Index, shed);
        Pause();
    }

    private void Pause()
    {
        Unwatch();
        _paused = Worker.Schedule(s_pause, static acceptor => ((Acceptor)acceptor!).Watch(), this);
    }

    private void Watch()
    {
        if (!_isClosed && !_isWatching)
        {
            _isWatching = true;
            Worker.Watch(_listener, EpollEvents.In | EpollEvents.Exclusive, this);
        }
    }

    private void Unwatch()
    {
        if (_isWatching)
        {
            _isWatching = false;
            Worker.Unwatch(_listener);
        }
    }
}
