using Ztunnel.Linux;

namespace Ztunnel.Load.Generators;

/// <summary>One connection of a <see cref="StreamLoad"/>, in one of the two directions.</summary>
internal abstract class StreamConnection(LoadLoop loop) : ILoadHandler
{
    private int _place;

    public long Bytes { get; protected set; }

    public bool IsConnected { get; private set; }

    public bool IsFinished { get; private set; }

    public bool HasFailed { get; private set; }

    protected LoadLoop Loop { get; } = loop;

    protected TcpSocket Socket { get; private set; } = null!;

    protected abstract EpollEvents Wanted { get; }

    public void Start(InetEndpoint target)
    {
        Socket = TcpSocket.Create(target.Address.IsV6);
        SocketOptions.SetNoDelay(Socket);
        IoResult result = Socket.Connect(target);
        if (!result.IsOk && !result.IsInProgress)
        {
            throw TcpSocket.Failure($"connect to {target}", result.Errno);
        }

        _place = Loop.Add(Socket, EpollEvents.Out, this);
    }

    public void OnEvents(EpollEvents events)
    {
        if (IsConnected)
        {
            Move();
        }
        else if (SocketOptions.TakeError(Socket) != 0)
        {
            End(failed: true);
        }
        else
        {
            IsConnected = true;
            Want(Wanted);
        }
    }

    /// <summary>The time is over; completes with <see cref="IsFinished"/>.</summary>
    public abstract void Finish();

    /// <summary>One read or write: there will be another event (level-triggered), after those of the others.</summary>
    protected abstract void Move();

    protected void Want(EpollEvents events) => Loop.Modify(Socket, events, _place);

    protected void End(bool failed)
    {
        if (!IsFinished)
        {
            (IsFinished, HasFailed) = (true, failed);
            Socket.Dispose();
            Loop.Remove(_place);
        }
    }
}
