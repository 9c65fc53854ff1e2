using System.Buffers;

namespace Ztunnel.Hbone;

/// <summary>
/// What is to be sent, contiguous. Rented while it holds something and given back when it is empty: an idle connection
/// holds no buffer.
/// </summary>
public sealed class OutputBuffer
{
    private const int FirstSize = 1024;

    private byte[]? _block;
    private int _start;
    private int _end;

    public int Length => _end - _start;

    public bool IsEmpty => _end == _start;

    /// <summary>Valid until the next write or <see cref="Advance"/>.</summary>
    public ReadOnlySpan<byte> Pending => _block.AsSpan(_start, _end - _start);

    /// <summary>Forgets what was sent.</summary>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)Length);
        _start += count;
        if (_start == _end)
        {
            Clear();
        }
    }

    /// <summary>Forgets everything; also the way to give the block back when the connection ends.</summary>
    public void Clear()
    {
        _start = _end = 0;
        if (_block is { } block)
        {
            _block = null;
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    /// <summary>
    /// Room for <paramref name="count"/> more bytes; what of it was filled is told with <see cref="Commit"/>.
    /// </summary>
    internal Span<byte> GetSpan(int count)
    {
        if (_block is null || _block.Length - _end < count)
        {
            MakeRoom(count);
        }

        return _block.AsSpan(_end);
    }

    internal void Commit(int count) => _end += count;

    /// <summary>
    /// Bytes already written, counted from the first pending one: to fill in a length that is known later.
    /// </summary>
    internal Span<byte> Written(int position, int count) => _block.AsSpan(_start + position, count);

    /// <summary>Takes back what was written behind <paramref name="length"/>.</summary>
    internal void Truncate(int length) => _end = _start + length;

    internal Span<byte> Append(int count)
    {
        Span<byte> room = GetSpan(count)[..count];
        _end += count;
        return room;
    }

    internal void Append(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Append(bytes.Length));

    private void MakeRoom(int count)
    {
        int length = Length;
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(FirstSize, Math.Max(length + count, 2 * length)));
        if (_block is { } block)
        {
            block.AsSpan(_start, length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(block);
        }

        _block = larger;
        (_start, _end) = (0, length);
    }
}
