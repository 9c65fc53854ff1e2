using System.Buffers.Binary;
using Ztunnel.Linux;

namespace Ztunnel.Load.Generators;

/// <summary>Sends to a sink; what counts is what the sink says it got, once it saw our FIN.</summary>
internal sealed class SendingStream(LoadLoop loop) : StreamConnection(loop)
{
    /// <summary>As iperf3 writes.</summary>
    private const int BlockSize = 128 * 1024;

    private bool _isAwaitingCount;

    protected override EpollEvents Wanted => EpollEvents.Out;

    public override void Finish()
    {
        if (IsFinished)
        {
            return;
        }

        if (!IsConnected)
        {
            End(failed: true);
            return;
        }

        _isAwaitingCount = true;
        Socket.ShutdownWrite();
        Want(EpollEvents.In);
    }

    protected override void Move()
    {
        if (_isAwaitingCount)
        {
            TakeCount();
            return;
        }

        IoResult result = Socket.Send(Loop.Buffer.AsSpan(0, BlockSize));
        if (!result.IsOk && !result.WouldBlock)
        {
            End(failed: true);
        }
    }

    private void TakeCount()
    {
        IoResult result = Socket.Receive(Loop.Buffer);
        if (result.WouldBlock)
        {
            return;
        }

        bool isCount = result.Count == sizeof(long); // eight bytes of one write are one segment
        Bytes = isCount ? BinaryPrimitives.ReadInt64BigEndian(Loop.Buffer) : 0;
        End(failed: !isCount);
    }
}
