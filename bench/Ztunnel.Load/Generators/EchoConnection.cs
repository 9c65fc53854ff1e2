using Ztunnel.Linux;

namespace Ztunnel.Load.Generators;

/// <summary>Sends back what it gets; reads no more while some of it is unsent.</summary>
internal sealed class EchoConnection(TcpSocket socket, LoadLoop loop) : ServedConnection(socket, loop)
{
    private ReadOnlyMemory<byte> _unsent;

    protected override EpollEvents Wanted => EpollEvents.In;

    public override void OnEvents(EpollEvents events)
    {
        if (_unsent.IsEmpty)
        {
            Echo();
        }
        else
        {
            SendRest();
        }
    }

    private void Echo()
    {
        IoResult read = Socket.Receive(Loop.Buffer);
        if (read.WouldBlock)
        {
            return;
        }

        IoResult sent = read.Count > 0 ? Socket.Send(Loop.Buffer.AsSpan(0, read.Count)) : read;
        if (read.Count == 0 || (!sent.IsOk && !sent.WouldBlock))
        {
            Close();
        }
        else if (sent.Count < read.Count)
        {
            _unsent = Loop.Buffer.AsSpan(sent.Count..read.Count).ToArray();
            Want(EpollEvents.Out);
        }
    }

    private void SendRest()
    {
        IoResult sent = Socket.Send(_unsent.Span);
        if (!sent.IsOk && !sent.WouldBlock)
        {
            Close();
            return;
        }

        _unsent = _unsent[sent.Count..];
        if (_unsent.IsEmpty)
        {
            Want(EpollEvents.In);
        }
    }
}
