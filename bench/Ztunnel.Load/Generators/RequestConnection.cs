using System.Diagnostics;
using Ztunnel.Linux;

namespace Ztunnel.Load.Generators;

/// <summary>One connection of a <see cref="RequestLoad"/>: connects, asks, waits, asks again.</summary>
internal sealed class RequestConnection(RequestLoad load) : ILoadHandler
{
    private TcpSocket? _socket;
    private int _place;
    private bool _isConnected;
    private int _missing; // bytes of the answer
    private long _started;

    public void Start()
    {
        _started = Stopwatch.GetTimestamp();
        _isConnected = false;
        _socket = TcpSocket.Create(load.Options.Target.Address.IsV6);
        SocketOptions.SetNoDelay(_socket);
        IoResult result = _socket.Connect(load.Options.Target); // done or refused at once: the first event says which
        if (!result.IsOk && !result.IsInProgress)
        {
            throw TcpSocket.Failure($"connect to {load.Options.Target}", result.Errno);
        }

        _place = load.Loop.Add(_socket, EpollEvents.Connection, this);
    }

    public void OnEvents(EpollEvents events)
    {
        if (!_isConnected)
        {
            FinishConnect();
            return;
        }

        IoResult result = _socket!.Receive(load.Loop.Buffer);
        if (result.WouldBlock)
        {
            return;
        }

        if (result.Count == 0)
        {
            Fail();
            return;
        }

        _missing -= result.Count;
        if (_missing <= 0)
        {
            Answered();
        }
    }

    private void FinishConnect()
    {
        if (SocketOptions.TakeError(_socket!) != 0)
        {
            Fail();
            return;
        }

        _isConnected = true;
        Ask(load.Options.Reconnects ? _started : Stopwatch.GetTimestamp()); // where connecting is the work, it counts
    }

    private void Ask(long started)
    {
        _started = started;
        _missing = load.Options.Size;
        if (_socket!.Send(load.Payload).Count != load.Options.Size) // one small request always fits
        {
            Fail();
        }
    }

    private void Answered()
    {
        long now = Stopwatch.GetTimestamp();
        load.Count(_started, now);
        if (load.Options.Reconnects)
        {
            Close();
            Start();
        }
        else
        {
            Ask(now);
        }
    }

    private void Fail()
    {
        load.CountError();
        Close();
        Start();
    }

    private void Close()
    {
        _socket!.Dispose();
        load.Loop.Remove(_place);
    }
}
