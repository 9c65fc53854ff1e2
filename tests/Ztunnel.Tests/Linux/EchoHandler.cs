using Ztunnel.Linux;

namespace Ztunnel.Tests.Linux;

/// <summary>Sends back what it reads, one slice at a time, and closes when the peer does.</summary>
internal sealed unsafe class EchoHandler(Worker worker, TcpSocket socket, TurnAccount account)
    : IEpollHandler, IContinuation
{
    private const int Slice = 4096;

    public TurnAccount Account => account;

    public void OnEvents(EpollEvents events) => Continue();

    public void Continue()
    {
        if (socket.IsClosed)
        {
            return;
        }

        IoResult read = socket.Receive(worker.ReadPointer, Slice);
        if (read.WouldBlock)
        {
            return;
        }

        if (!read.IsOk || read.Count == 0 || socket.Send(worker.ReadBuffer[..read.Count]).Count < read.Count)
        {
            worker.Forget(socket);
            socket.Dispose();
            return;
        }

        worker.Continue(this);
    }
}
