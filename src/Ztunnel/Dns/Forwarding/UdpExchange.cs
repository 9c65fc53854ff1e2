using System.ComponentModel;
using Ztunnel.Dns.Messages;
using Ztunnel.Linux;

namespace Ztunnel.Dns.Forwarding;

/// <summary>
/// A query over UDP: a socket of its own for every server, so that an answer has to guess a port as well as an id.
/// </summary>
internal sealed class UdpExchange(DnsPod pod, ForwardedQuery query, UpstreamPlan plan) : IEpollHandler, IExchange
{
    /// <summary>Datagrams looked at in one go; who sends more is not the server.</summary>
    private const int MaxReads = 16;

    private UdpSocket? _socket;
    private WorkerTimer? _timer;
    private int _server = -1; // the one the socket is connected to
    private int _step;
    private string _failure = "there is no upstream server";

    public TurnAccount Account => pod.Account;

    private Worker Worker => pod.Services.Worker;

    public void Start() => Ask();

    public void Close()
    {
        _timer?.Cancel();
        CloseSocket();
    }

    public unsafe void OnEvents(EpollEvents events)
    {
        for (int i = 0; i < MaxReads && _socket is not null; i++)
        {
            IoResult result = _socket.Receive(Worker.ReadPointer, Worker.ReadBufferSize);
            if (result.WouldBlock)
            {
                return;
            }

            if (!result.IsOk) // nobody listens there, or there is no way to it
            {
                AskNext(result.Text);
                return;
            }

            OnDatagram(new Span<byte>(Worker.ReadPointer, result.Count));
        }
    }

    private void OnDatagram(Span<byte> datagram)
    {
        if (!AnswerCheck.IsAnswer(datagram, query.Message))
        {
            return; // somebody guesses; the server's own is still to come
        }

        ResponseCode code = DnsHeader.Read(datagram).Code;
        if (plan.HasFresh(_step)
            && code is ResponseCode.ServerFailure or ResponseCode.NotImplemented or ResponseCode.Refused)
        {
            AskNext($"server failure: {code}");
            return;
        }

        Close();
        pod.Forwarder.Answered(plan.IndexOf(_step));
        query.Complete(datagram);
    }

    private void AskNext(string reason)
    {
        _timer?.Cancel();
        _failure = reason;
        _step++;
        Ask();
    }

    private void Ask()
    {
        for (; _step < plan.Steps; _step++)
        {
            if (TrySend(plan.IndexOf(_step)))
            {
                _timer = Worker.Schedule(
                    plan.Patience, static exchange => ((UdpExchange)exchange!).AskNext("request timed out"), this);
                return;
            }
        }

        Close();
        query.Fail(_failure);
    }

    private bool TrySend(int server)
    {
        try
        {
            if (server != _server)
            {
                CloseSocket();
                _socket = pod.OpenUpstream(plan.Servers[server]);
                Worker.Watch(_socket, EpollEvents.In, this);
                _server = server;
            }

            IoResult sent = _socket!.Send(query.Message);
            _failure = sent.IsOk ? _failure : sent.Text;
            return sent.IsOk;
        }
        catch (Win32Exception failure) // out of descriptors, no way to the server, the namespace is gone
        {
            _failure = failure.Message;
            return false;
        }
    }

    private void CloseSocket()
    {
        if (_server >= 0)
        {
            Worker.Forget(_socket!);
        }

        _socket?.Dispose();
        (_socket, _server) = (null, -1);
    }
}
