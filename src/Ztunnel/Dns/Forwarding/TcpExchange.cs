using System.Buffers;
using System.Buffers.Binary;
using System.ComponentModel;
using Ztunnel.Linux;

namespace Ztunnel.Dns.Forwarding;

/// <summary>
/// A query that came over TCP, passed on over TCP: a connection for it alone, so that no client waits for another's
/// answer. Every server is tried once.
/// </summary>
internal sealed class TcpExchange(DnsPod pod, ForwardedQuery query, UpstreamPlan plan) : IEpollHandler, IExchange
{
    private const int Prefix = 2;
    private const int FirstBuffer = 4096;

    private TcpSocket? _socket;
    private WorkerTimer? _timer;
    private byte[]? _answer;
    private int _read;
    private int _sent;
    private int _step;
    private bool _isConnecting;
    private bool _isWatched;
    private bool _isClosed;

    public TurnAccount Account => pod.Account;

    private Worker Worker => pod.Services.Worker;

    public void Start() => _ = RunAsync(); // every way it ends is told to the query

    public void Close()
    {
        _isClosed = true;
        if (!_isConnecting) // else it is the connect's until that has been called off
        {
            CloseSocket();
        }
    }

    public void OnEvents(EpollEvents events)
    {
        IoResult result = Exchange();
        if (result.IsOk)
        {
            Complete();
        }
        else if (!result.WouldBlock)
        {
            Next(result.Text);
        }
    }

    private async Task RunAsync()
    {
        string failure = "there is no upstream server";
        for (; _step < plan.Servers.Count && !_isClosed; _step++)
        {
            try
            {
                IoResult connected = await ConnectAsync(plan.ServerOf(_step));
                if (_isClosed)
                {
                    CloseSocket();
                    return;
                }

                if (connected.IsOk)
                {
                    Begin();
                    return;
                }

                failure = connected.Text;
                CloseSocket();
            }
            catch (Win32Exception refused) // out of descriptors, or the namespace is gone
            {
                failure = refused.Message;
                CloseSocket();
            }
        }

        if (!_isClosed)
        {
            Close();
            query.Fail(failure);
        }
    }

    private async ValueTask<IoResult> ConnectAsync(InetEndpoint server)
    {
        _socket = pod.CreateUpstreamTcp(server);
        _isConnecting = true;
        IoResult connected = await _socket.ConnectAsync(Worker, server, plan.Timeout, pod.Aborted);
        _isConnecting = false;
        _isWatched = connected.IsOk;
        return connected;
    }

    private void Begin()
    {
        (_read, _sent) = (0, 0);
        _answer ??= ArrayPool<byte>.Shared.Rent(FirstBuffer);
        _timer = Worker.Schedule(
            plan.Timeout, static exchange => ((TcpExchange)exchange!).Next("request timed out"), this);
        Worker.Replace(_socket!, this);
        OnEvents(EpollEvents.Out);
    }

    /// <returns>Done: the answer is whole.</returns>
    private IoResult Exchange()
    {
        while (_sent < query.Framed.Length)
        {
            IoResult sent = _socket!.Send(query.Framed[_sent..]);
            if (!sent.IsOk)
            {
                return sent;
            }

            _sent += sent.Count;
        }

        while (true)
        {
            int size = _read < Prefix ? Prefix : Prefix + BinaryPrimitives.ReadUInt16BigEndian(_answer);
            if (_read == size && size > Prefix)
            {
                return IoResult.Done;
            }

            Grow(size);
            IoResult read = _socket!.Receive(_answer.AsSpan(_read, size - _read));
            if (!read.IsOk || read.Count == 0) // an empty message makes no sense and reads as the end too
            {
                return read.IsOk ? IoResult.Failed(Errno.ECONNRESET) : read;
            }

            _read += read.Count;
        }
    }

    private void Grow(int size)
    {
        if (_answer!.Length < size)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(size);
            _answer.AsSpan(0, _read).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_answer);
            _answer = larger;
        }
    }

    private void Complete()
    {
        Span<byte> answer = _answer.AsSpan(Prefix, _read - Prefix);
        if (!AnswerCheck.IsAnswer(answer, query.Message))
        {
            Next("the server answered something else");
            return;
        }

        byte[] buffer = _answer!;
        _answer = null;
        Close();
        query.Complete(answer);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private void Next(string reason)
    {
        CloseSocket();
        if (++_step < plan.Servers.Count)
        {
            _ = RunAsync();
            return;
        }

        Close();
        query.Fail(reason);
    }

    private void CloseSocket()
    {
        _timer?.Cancel();
        if (_isWatched)
        {
            _isWatched = false;
            Worker.Forget(_socket!);
        }

        if (_answer is not null && _isClosed)
        {
            ArrayPool<byte>.Shared.Return(_answer);
            _answer = null;
        }

        _socket?.Dispose();
        _socket = null;
    }
}
