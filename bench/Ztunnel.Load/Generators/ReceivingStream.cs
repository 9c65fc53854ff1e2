using Ztunnel.Linux;

namespace Ztunnel.Load.Generators;

/// <summary>Takes what a source sends, until it is enough.</summary>
internal sealed class ReceivingStream(LoadLoop loop) : StreamConnection(loop)
{
    protected override EpollEvents Wanted => EpollEvents.In;

    public override void Finish() => End(failed: !IsConnected);

    protected override void Move()
    {
        IoResult result = Socket.Receive(Loop.Buffer);
        if (result.Count > 0)
        {
            Bytes += result.Count;
        }
        else if (!result.WouldBlock)
        {
            End(failed: true);
        }
    }
}
