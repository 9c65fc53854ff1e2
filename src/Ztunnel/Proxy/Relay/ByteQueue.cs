using System.Buffers;

namespace Ztunnel.Proxy.Relay;

/// <summary>
/// Bytes a socket would not take yet, in rented blocks that are given back as they empty: whoever is not behind holds
/// none.
/// </summary>
internal struct ByteQueue
{
    private const int SmallBlock = 4 * 1024;
    private const int LargeBlock = 64 * 1024;

    private Queue<byte[]>? _blocks; // behind the first
    private byte[]? _first;
    private byte[]? _last;
    private int _start; // in the first
    private int _end; // in the last

    public int Length { get; private set; }

    public readonly bool IsEmpty => Length == 0;

    /// <summary>What lies together at the front.</summary>
    public readonly ReadOnlySpan<byte> Front =>
        _first is null ? default : _first.AsSpan(_start, (_first == _last ? _end : _first.Length) - _start);

    public void Append(ReadOnlySpan<byte> bytes)
    {
        Length += bytes.Length;
        while (!bytes.IsEmpty)
        {
            if (_last is null || _end == _last.Length)
            {
                AddBlock(bytes.Length);
            }

            int count = Math.Min(bytes.Length, _last!.Length - _end);
            bytes[..count].CopyTo(_last.AsSpan(_end));
            _end += count;
            bytes = bytes[count..];
        }
    }

    /// <param name="count">At most the length of <see cref="Front"/>.</param>
    public void Advance(int count)
    {
        Length -= count;
        _start += count;
        if (Length == 0)
        {
            Clear();
        }
        else if (_start == _first!.Length)
        {
            ArrayPool<byte>.Shared.Return(_first);
            _first = _blocks!.Dequeue();
            _start = 0;
        }
    }

    public void Clear()
    {
        if (_first is { } first)
        {
            ArrayPool<byte>.Shared.Return(first);
        }

        while (_blocks is { Count: > 0 })
        {
            ArrayPool<byte>.Shared.Return(_blocks.Dequeue());
        }

        _blocks = null;
        _first = _last = null;
        (_start, _end, Length) = (0, 0, 0);
    }

    private void AddBlock(int wanted)
    {
        byte[] block = ArrayPool<byte>.Shared.Rent(wanted <= SmallBlock && _last is null ? SmallBlock : LargeBlock);
        if (_first is null)
        {
            _first = block;
        }
        else
        {
            (_blocks ??= new Queue<byte[]>()).Enqueue(block);
        }

        _last = block;
        _end = 0;
    }
}
