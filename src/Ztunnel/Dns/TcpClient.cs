using Ztunnel.Dns.Forwarding;
using Ztunnel.Linux;

namespace Ztunnel.Dns;

/// <summary>
/// One connection of a client (RFC 7766): queries one behind the other, answered in the order their answers are there.
/// An idle connection holds no buffer. Who does not read its answers is not read from any more, and closed when it has
/// not read for as long as an idle one may stay.
/// </summary>
internal sealed class TcpClient(DnsPod pod, QueryHandler handler, TcpSocket socket, TcpClients clients)
    : IEpollHandler, IQuerySource, IReplyTo
{
    private const int MaxWaiting = 32; // queries on their way to upstream; the next one is not read until one is back
    private const int EnoughOutput = 64 * 1024; // no further query is taken above it
    private const int MaxOutput = 256 * 1024; // what answers that come back may add to it

    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(5);

    private readonly TcpInput _input = new();
    private readonly TcpOutput _output = new();
    private WorkerTimer? _timer;
    private int _waiting;
    private long _lastProgress;
    private EpollEvents _interest = EpollEvents.In;
    private bool _hasEnded; // the client sends no more
    private bool _isWorking;
    private bool _isClosed;

    public TurnAccount Account => pod.Account;

    public bool IsOverTcp => true;

    public int Limit => ushort.MaxValue;

    private Worker Worker => pod.Services.Worker;

    private bool MayTake => _waiting < MaxWaiting && _output.Length < EnoughOutput;

    /// <exception cref="System.ComponentModel.Win32Exception">
    /// It cannot be watched, and is left to the caller.
    /// </exception>
    public void Begin()
    {
        Worker.Watch(socket, _interest, this);
        clients.Add(this);
        Progress();
        Schedule(s_idle);
    }

    public void OnEvents(EpollEvents events)
    {
        if ((events & (EpollEvents.Error | EpollEvents.HangUp)) != 0)
        {
            Close();
            return;
        }

        if ((events & EpollEvents.In) != 0)
        {
            Receive();
        }

        Work();
    }

    public IReplyTo Detach(int limit)
    {
        _waiting++;
        return this;
    }

    public void Reply(ReadOnlySpan<byte> message)
    {
        _waiting--;
        if (_isClosed)
        {
            return;
        }

        Append(message);
        if (!_isWorking) // an answer from within Handle: its caller goes on by itself
        {
            Work();
        }
    }

    public void OnDrain() => Work();

    public void Abort()
    {
        if (!_isClosed)
        {
            Close(reset: true);
        }
    }

    private void Receive()
    {
        Span<byte> room = _input.Room;
        if (room.IsEmpty)
        {
            return; // an event from before: no reading is wanted just now
        }

        IoResult result = socket.Receive(room);
        if (result.IsOk)
        {
            _hasEnded = result.Count == 0;
            _input.Add(result.Count);
        }
        else if (!result.WouldBlock)
        {
            Close();
        }
    }

    private void Work()
    {
        _isWorking = true;
        while (!_isClosed && MayTake && _input.TryTake(out ReadOnlySpan<byte> message))
        {
            Progress();
            byte[] scratch = pod.Services.Scratch;
            int length = handler.Handle(message, scratch, this);
            if (length > 0)
            {
                Append(scratch.AsSpan(0, length));
            }

            if (_output.Length >= EnoughOutput)
            {
                Flush();
            }
        }

        _isWorking = false;
        if (!_isClosed)
        {
            _input.Compact();
            Flush();
        }

        if (!_isClosed)
        {
            Settle();
        }
    }

    private void Append(ReadOnlySpan<byte> message)
    {
        _output.Append(message);
        if (_output.Length > MaxOutput)
        {
            Close(reset: true);
        }
    }

    private void Flush()
    {
        int before = _output.Length;
        IoResult result = _output.SendTo(socket);
        if (_output.Length < before)
        {
            Progress();
        }

        if (!result.IsOk && !result.WouldBlock)
        {
            Close();
        }
    }

    // What is wanted next: queries, room for answers, or the end.
    private void Settle()
    {
        bool isDone = _waiting == 0 && _output.IsEmpty;
        if (isDone && (_hasEnded || clients.IsDraining))
        {
            Close();
            return;
        }

        bool mayRead = !_hasEnded && !clients.IsDraining && MayTake && _output.IsEmpty;
        EpollEvents interest = (mayRead ? EpollEvents.In : EpollEvents.None)
            | (_output.IsEmpty ? EpollEvents.None : EpollEvents.Out);
        if (interest != _interest)
        {
            _interest = interest;
            Worker.Modify(socket, interest);
        }
    }

    private void Progress() => _lastProgress = Worker.NowMilliseconds;

    private void Schedule(TimeSpan after) =>
        _timer = Worker.Schedule(after, static client => ((TcpClient)client!).OnTime(), this);

    // One timer for the whole life: looks whether the time is really over.
    private void OnTime()
    {
        bool mayBeIdle = _waiting == 0 || !_output.IsEmpty;
        TimeSpan left = mayBeIdle
            ? s_idle - TimeSpan.FromMilliseconds(Worker.NowMilliseconds - _lastProgress)
            : s_idle;
        if (left <= TimeSpan.Zero)
        {
            Close(reset: !_output.IsEmpty);
            return;
        }

        Schedule(left);
    }

    private void Close(bool reset = false)
    {
        if (_isClosed)
        {
            return;
        }

        _isClosed = true;
        _timer?.Cancel();
        Worker.Forget(socket);
        if (reset)
        {
            socket.Reset();
        }

        socket.Dispose();
        _output.Clear();
        _input.Clear(isInUse: _isWorking);
        clients.Remove(this);
    }
}
