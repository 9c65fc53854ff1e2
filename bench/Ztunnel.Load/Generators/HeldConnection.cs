using Ztunnel.Linux;

namespace Ztunnel.Load.Generators;

/// <summary>One connection of a <see cref="HoldLoad"/>.</summary>
internal sealed class HeldConnection(HoldLoad load, LoadLoop loop) : ILoadHandler
{
    private TcpSocket? _socket;
    private State _state;

    private enum State
    {
        New,
        Connecting,
        Asked,
        Idle,
        Broken,
    }

    /// <summary>Connects first if it has to. Counted exactly once, as answered or as an error.</summary>
    public void Ask(InetEndpoint target)
    {
        switch (_state)
        {
            case State.New:
                Connect(target);
                break;
            case State.Idle:
                Send();
                break;
            default:
                load.CountError(); // broken: in an earlier round, or while nobody asked
                break;
        }
    }

    public void OnEvents(EpollEvents events)
    {
        switch (_state)
        {
            case State.Connecting when SocketOptions.TakeError(_socket!) != 0:
                Break();
                break;
            case State.Connecting:
                Send();
                break;
            case State.Asked or State.Idle:
                Receive();
                break;
            default:
                break;
        }
    }

    private void Connect(InetEndpoint target)
    {
        _socket = TcpSocket.Create(target.Address.IsV6);
        SocketOptions.SetNoDelay(_socket);
        _state = State.Connecting;
        IoResult result = _socket.Connect(target);
        if (!result.IsOk && !result.IsInProgress)
        {
            throw TcpSocket.Failure($"connect to {target}", result.Errno);
        }

        loop.Add(_socket, EpollEvents.Connection, this);
    }

    private void Send()
    {
        _state = State.Asked;
        if (_socket!.Send("x"u8).Count != 1)
        {
            Break();
        }
    }

    private void Receive()
    {
        IoResult result = _socket!.Receive(loop.Buffer);
        if (result.WouldBlock)
        {
            return;
        }

        if (result.Count == 0)
        {
            Break();
        }
        else if (_state == State.Asked)
        {
            _state = State.Idle;
            load.CountAnswer();
        }
    }

    // An idle one that breaks is counted when it is asked next.
    private void Break()
    {
        bool isAwaited = _state is State.Connecting or State.Asked;
        _state = State.Broken;
        _socket!.Dispose(); // its place in the loop is not given away: there is no other connection to come
        if (isAwaited)
        {
            load.CountError();
        }
    }
}
