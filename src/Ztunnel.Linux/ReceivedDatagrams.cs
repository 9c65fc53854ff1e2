using System.Runtime.InteropServices;

namespace Ztunnel.Linux;

/// <summary>
/// recvmmsg(2): what waits at a UDP socket, up to a batch at once, with its senders. The memory is outside the heap and
/// reserved for the largest datagrams; only what datagrams touch of it is ever backed by pages.
/// </summary>
public sealed unsafe partial class ReceivedDatagrams : IDisposable
{
    /// <summary>More than a datagram can have (65,507 bytes over IPv4).</summary>
    private const int SlotSize = 64 * 1024;

    private readonly int _capacity;
    private int _wanted;
    private readonly byte* _data;
    private readonly byte* _addresses;
    private readonly IoSlice* _slices;
    private readonly SocketCalls.NumberedMessage* _messages;

    public ReceivedDatagrams(int capacity)
    {
        _capacity = capacity;
        _data = (byte*)NativeMemory.AlignedAlloc((nuint)capacity * SlotSize, 4096);
        _addresses = (byte*)NativeMemory.AllocZeroed((nuint)capacity, SocketAddressCodec.MaxSize);
        _slices = (IoSlice*)NativeMemory.AllocZeroed((nuint)capacity, (nuint)sizeof(IoSlice));
        _messages = (SocketCalls.NumberedMessage*)NativeMemory.AllocZeroed(
            (nuint)capacity, (nuint)sizeof(SocketCalls.NumberedMessage));
        for (int i = 0; i < capacity; i++)
        {
            _slices[i] = new IoSlice(_data + ((nint)i * SlotSize), SlotSize);
            _messages[i].Message = new SocketCalls.MessageHeader
            {
                Name = _addresses + (i * SocketAddressCodec.MaxSize),
                NameLength = SocketAddressCodec.MaxSize,
                Slices = _slices + i,
                SliceCount = 1,
            };
        }
    }

    /// <summary>How many the last <see cref="Receive"/> brought.</summary>
    public int Count { get; private set; }

    /// <summary>The batch was full: there may be more.</summary>
    public bool IsFull => Count == _wanted;

    /// <summary>The bytes of one, until the next <see cref="Receive"/>.</summary>
    public ReadOnlySpan<byte> this[int index] => new(_slices[index].Start, (int)_messages[index].Length);

    public InetEndpoint SourceOf(int index) => SocketAddressCodec.Read(
        new ReadOnlySpan<byte>(AddressOf(index, out uint length), (int)length));

    /// <param name="most">Datagrams to take; the capacity bounds them too.</param>
    /// <returns>How many there are now; EAGAIN for none.</returns>
    public IoResult Receive(UdpSocket socket, int most = int.MaxValue)
    {
        _wanted = Math.Min(most, _capacity);
        for (int i = 0; i < Count; i++) // the kernel left the last senders' lengths there
        {
            _messages[i].Message.NameLength = SocketAddressCodec.MaxSize;
        }

        int count;
        do
        {
            count = recvmmsg(socket.Descriptor, _messages, (uint)_wanted, 0, null);
        }
        while (count < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);

        Count = Math.Max(count, 0);
        return count >= 0 ? IoResult.Of(count) : IoResult.Failed(Marshal.GetLastPInvokeError());
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_data);
        NativeMemory.Free(_addresses);
        NativeMemory.Free(_slices);
        NativeMemory.Free(_messages);
    }

    /// <summary>The sender as the kernel wrote it, to be answered without decoding.</summary>
    internal byte* AddressOf(int index, out uint length)
    {
        length = _messages[index].Message.NameLength;
        return _addresses + (index * SocketAddressCodec.MaxSize);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int recvmmsg(
        int fd, SocketCalls.NumberedMessage* messages, uint count, int flags, void* timeout);
}
