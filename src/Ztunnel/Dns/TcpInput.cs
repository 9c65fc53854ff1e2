using System.Buffers;
using System.Buffers.Binary;

namespace Ztunnel.Dns;

/// <summary>Bytes of a connection, cut into messages by the lengths before them. Empty, it holds no memory.</summary>
internal sealed class TcpInput
{
    private const int Prefix = 2;
    private const int ReadSize = 4096; // a hundred queries: a slice

    private byte[]? _buffer;
    private int _start;
    private int _end;

    /// <summary>Where the next bytes go; never empty after <see cref="Compact"/>.</summary>
    public Span<byte> Room => (_buffer ??= ArrayPool<byte>.Shared.Rent(ReadSize)).AsSpan(_end);

    public void Add(int count) => _end += count;

    /// <summary>A whole message, until the next <see cref="Compact"/>.</summary>
    public bool TryTake(out ReadOnlySpan<byte> message)
    {
        int size = FrameSize();
        if (size == 0 || _end - _start < size)
        {
            message = default;
            return false;
        }

        message = _buffer.AsSpan(_start + Prefix, size - Prefix);
        _start += size;
        return true;
    }

    /// <summary>To the front of the buffer, with room for the rest of what has begun; no buffer for nothing.</summary>
    public void Compact()
    {
        if (_buffer is null)
        {
            return;
        }

        int left = _end - _start;
        int size = Math.Max(FrameSize(), left + 1);
        byte[]? kept = left == 0 ? null : size <= _buffer.Length ? _buffer : ArrayPool<byte>.Shared.Rent(size);
        if (kept is not null)
        {
            _buffer.AsSpan(_start, left).CopyTo(kept);
        }

        if (!ReferenceEquals(kept, _buffer))
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        (_buffer, _start, _end) = (kept, 0, left);
    }

    // 0: not known yet.
    private int FrameSize() => _end - _start < Prefix
        ? 0
        : Prefix + BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(_start));

    /// <param name="isInUse">A message of it is being handled: the pool does without the buffer.</param>
    public void Clear(bool isInUse)
    {
        if (_buffer is not null && !isInUse)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        (_buffer, _start, _end) = (null, 0, 0);
    }
}
