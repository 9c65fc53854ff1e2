using System.Runtime.InteropServices;

namespace Ztunnel.Linux;

/// <summary>
/// sendmmsg(2): answers to a batch of <see cref="ReceivedDatagrams"/>, written one behind the other and sent with one
/// call. The memory is outside the heap.
/// </summary>
public sealed unsafe partial class DatagramReplies : IDisposable
{
    private readonly int _capacity;
    private readonly int _size;
    private readonly byte* _data;
    private readonly IoSlice* _slices;
    private readonly SocketCalls.NumberedMessage* _messages;
    private int _count;
    private int _used;

    /// <param name="capacity">Answers.</param>
    /// <param name="size">Bytes of all of them.</param>
    public DatagramReplies(int capacity, int size)
    {
        (_capacity, _size) = (capacity, size);
        _data = (byte*)NativeMemory.AlignedAlloc((nuint)size, 4096);
        _slices = (IoSlice*)NativeMemory.AllocZeroed((nuint)capacity, (nuint)sizeof(IoSlice));
        _messages = (SocketCalls.NumberedMessage*)NativeMemory.AllocZeroed(
            (nuint)capacity, (nuint)sizeof(SocketCalls.NumberedMessage));
    }

    public bool IsEmpty => _count == 0;

    /// <summary>Where the next answer is written; empty when no further one can be added.</summary>
    public Span<byte> Room => _count == _capacity ? default : new Span<byte>(_data + _used, _size - _used);

    /// <summary>Takes what was written to <see cref="Room"/> as the answer to one datagram of the batch.</summary>
    public void Add(int length, ReceivedDatagrams batch, int index)
    {
        _slices[_count] = new IoSlice(_data + _used, length);
        byte* address = batch.AddressOf(index, out uint addressLength);
        _messages[_count].Message = new SocketCalls.MessageHeader
        {
            Name = address,
            NameLength = addressLength,
            Slices = _slices + _count,
            SliceCount = 1,
        };
        _count++;
        _used += length;
    }

    /// <summary>
    /// Sends all, before the batch they answer is received into again. What the kernel refuses is skipped: a datagram
    /// may be lost, and its sender asks again.
    /// </summary>
    /// <returns>How many were not sent.</returns>
    public int Send(UdpSocket socket)
    {
        int lost = 0;
        for (int at = 0; at < _count;)
        {
            int sent = sendmmsg(socket.Descriptor, _messages + at, (uint)(_count - at), SocketCalls.MSG_NOSIGNAL);
            if (sent > 0)
            {
                at += sent;
            }
            else if (Marshal.GetLastPInvokeError() != Errno.EINTR)
            {
                lost++;
                at++;
            }
        }

        (_count, _used) = (0, 0);
        return lost;
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_data);
        NativeMemory.Free(_slices);
        NativeMemory.Free(_messages);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sendmmsg(int fd, SocketCalls.NumberedMessage* messages, uint count, int flags);
}
