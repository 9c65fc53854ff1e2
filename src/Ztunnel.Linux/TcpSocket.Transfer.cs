using System.Runtime.InteropServices;

namespace Ztunnel.Linux;

/// <summary>Bytes in and out of a <see cref="TcpSocket"/>. EINTR is tried again here and never seen above.</summary>
public sealed unsafe partial class TcpSocket
{
    // Of the worker's buffer in frames of the smallest maximum HTTP/2 allows (16 KiB), with room to spare.
    private const int MaxFrames = 64;

    public IoResult Receive(Span<byte> into)
    {
        fixed (byte* at = into)
        {
            return Receive(at, into.Length);
        }
    }

    /// <summary>
    /// One read into slots of <paramref name="frameSize"/> bytes with a gap in front of each, where a frame header
    /// fits: byte i of frame n is at <c>buffer + n * (gap + frameSize) + gap + i</c>. The buffer holds
    /// <paramref name="maxBytes"/> and a gap for every frame begun.
    /// </summary>
    /// <returns>The count is of bytes read, without gaps.</returns>
    public IoResult ReceiveFramed(byte* buffer, int maxBytes, int frameSize, int gap)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(frameSize, 1);
        IoSlice* slots = stackalloc IoSlice[MaxFrames];
        int frames = 0;
        for (int left = maxBytes; left > 0 && frames < MaxFrames; frames++, left -= frameSize)
        {
            slots[frames] = new IoSlice(buffer + ((long)frames * (gap + frameSize)) + gap, Math.Min(left, frameSize));
        }

        SocketCalls.MessageHeader message = new() { Slices = slots, SliceCount = (nuint)frames };
        nint count;
        do
        {
            count = SocketCalls.recvmsg(Descriptor, &message, 0);
        }
        while (count < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);

        return count >= 0 ? IoResult.Of((int)count) : IoResult.Failed(Marshal.GetLastPInvokeError());
    }

    /// <summary>Sends pieces that lie apart with one call: what the kernel takes now, which may be less than all.</summary>
    /// <param name="count">At most 1024 (IOV_MAX).</param>
    public IoResult SendGathered(IoSlice* slices, int count)
    {
        SocketCalls.MessageHeader message = new() { Slices = slices, SliceCount = (nuint)count };
        nint sent;
        do
        {
            sent = SocketCalls.sendmsg(Descriptor, &message, SocketCalls.MSG_NOSIGNAL);
        }
        while (sent < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);

        return sent >= 0 ? IoResult.Of((int)sent) : IoResult.Failed(Marshal.GetLastPInvokeError());
    }
}
