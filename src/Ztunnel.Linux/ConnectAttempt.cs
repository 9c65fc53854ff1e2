using System.Threading.Tasks.Sources;

namespace Ztunnel.Linux;

/// <summary>
/// A connect on its way: first handler of its socket, awaited by the set-up code. It stays on as handler until
/// <see cref="Worker.Replace"/> and keeps what arrives in between, because an edge is told only once.
/// </summary>
internal sealed class ConnectAttempt : IEpollHandler, IValueTaskSource<IoResult>
{
    private readonly Worker _worker;
    private readonly TcpSocket _socket;
    private readonly CancellationTokenRegistration _cancellation;
    private readonly WorkerTimer _deadline;
    private ManualResetValueTaskSourceCore<IoResult> _source;
    private bool _isDone;

    private ConnectAttempt(Worker worker, TcpSocket socket, TimeSpan timeout, CancellationToken cancellation)
    {
        (_worker, _socket) = (worker, socket);
        Account = worker.CurrentAccount ?? worker.Account;
        _deadline = worker.Schedule(timeout, static attempt => ((ConnectAttempt)attempt!).TimeOut(), this);
        _cancellation = cancellation.UnsafeRegister(
            static attempt => ((ConnectAttempt)attempt!).CancelFromAnywhere(), this);
    }

    public TurnAccount Account { get; }

    /// <summary>What the next handler has to hear of; that the socket is writable goes without saying.</summary>
    public EpollEvents Missed { get; private set; }

    /// <summary>The connect was started and is in progress.</summary>
    public static ValueTask<IoResult> Await(
        Worker worker, TcpSocket socket, TimeSpan timeout, CancellationToken cancellation)
    {
        ConnectAttempt attempt = new(worker, socket, timeout, cancellation);
        try
        {
            worker.Watch(socket, EpollEvents.Connection, attempt);
        }
        catch
        {
            attempt.Release();
            throw;
        }

        return new ValueTask<IoResult>(attempt, attempt._source.Version);
    }

    public void OnEvents(EpollEvents events)
    {
        Missed |= events & ~EpollEvents.Out;
        if (_isDone)
        {
            return;
        }

        int error = (events & ~(EpollEvents.Out | EpollEvents.In)) == EpollEvents.None
            ? 0 // writable and nothing wrong: it is up
            : SocketOptions.TakeError(_socket);
        if (error == 0 && (events & (EpollEvents.Out | EpollEvents.Error | EpollEvents.HangUp)) == 0)
        {
            return; // spurious: nothing has been decided yet
        }

        Finish(error == 0 ? IoResult.Done : IoResult.Failed(error));
    }

    public IoResult GetResult(short token) => _source.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    public void OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void TimeOut() => Finish(IoResult.Failed(Errno.ETIMEDOUT));

    private void CancelFromAnywhere() => _worker.Post(
        static attempt => ((ConnectAttempt)attempt!).Finish(IoResult.Failed(Errno.ECANCELED)), this);

    private void Finish(IoResult result)
    {
        if (_isDone)
        {
            return;
        }

        _isDone = true;
        Release();
        if (!result.IsOk)
        {
            _worker.Forget(_socket); // the caller closes it, or tries another way
        }

        _source.SetResult(result);
    }

    private void Release()
    {
        _deadline.Cancel();
        _cancellation.Unregister();
    }
}
