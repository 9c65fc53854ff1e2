using System.Buffers;
using System.Buffers.Binary;
using Ztunnel.Linux;

namespace Ztunnel.Dns;

/// <summary>Answers with their lengths in front, until the kernel has taken them. Empty, it holds no memory.</summary>
internal sealed class TcpOutput
{
    private const int Prefix = 2;
    private const int FirstSize = 1024;

    private byte[]? _buffer;
    private int _start;
    private int _end;

    public int Length => _end - _start;

    public bool IsEmpty => _start == _end;

    public void Append(ReadOnlySpan<byte> message)
    {
        Reserve(Prefix + message.Length);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer.AsSpan(_end), (ushort)message.Length);
        message.CopyTo(_buffer.AsSpan(_end + Prefix));
        _end += Prefix + message.Length;
    }

    /// <returns>Done: all of it is gone.</returns>
    public IoResult SendTo(TcpSocket socket)
    {
        while (!IsEmpty)
        {
            IoResult sent = socket.Send(_buffer.AsSpan(_start, Length));
            if (!sent.IsOk)
            {
                return sent;
            }

            _start += sent.Count;
        }

        Clear();
        return IoResult.Done;
    }

    public void Clear()
    {
        if (_buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        (_buffer, _start, _end) = (null, 0, 0);
    }

    private void Reserve(int more)
    {
        _buffer ??= ArrayPool<byte>.Shared.Rent(Math.Max(FirstSize, more));
        if (_end + more <= _buffer.Length)
        {
            return;
        }

        int left = Length;
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(left + more, 2 * left));
        _buffer.AsSpan(_start, left).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, _start, _end) = (larger, 0, left);
    }
}
