using System.Buffers.Binary;
using Ztunnel.Linux;

namespace Ztunnel.Load.Generators;

/// <summary>Takes everything and, at the end, tells how much it was: eight bytes, most significant first.</summary>
internal sealed class SinkConnection(TcpSocket socket, LoadLoop loop) : ServedConnection(socket, loop)
{
    private long _bytes;

    protected override EpollEvents Wanted => EpollEvents.In;

    public override void OnEvents(EpollEvents events)
    {
        IoResult read = Socket.Receive(Loop.Buffer);
        if (read.WouldBlock)
        {
            return;
        }

        _bytes += read.Count;
        if (read.Count > 0)
        {
            return;
        }

        if (read.IsOk)
        {
            Span<byte> count = stackalloc byte[sizeof(long)];
            BinaryPrimitives.WriteInt64BigEndian(count, _bytes);
            Socket.Send(count);
        }

        Close();
    }
}
