using Ztunnel.Linux;

namespace Ztunnel.Load.Generators;

/// <summary>Sends as much as is taken, until the other side closes.</summary>
internal sealed class SourceConnection(TcpSocket socket, LoadLoop loop) : ServedConnection(socket, loop)
{
    private const int BlockSize = 128 * 1024; // as iperf3 writes

    protected override EpollEvents Wanted => EpollEvents.Out;

    public override void OnEvents(EpollEvents events)
    {
        IoResult sent = Socket.Send(Loop.Buffer.AsSpan(0, BlockSize));
        if (!sent.IsOk && !sent.WouldBlock)
        {
            Close();
        }
    }
}
