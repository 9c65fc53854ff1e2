using System.Buffers;

namespace Ztunnel.Hbone;

/// <summary>
/// Bytes that are gathered for a while: rented when the first comes, given back on <see cref="Clear"/>.
/// </summary>
internal struct PooledBytes
{
    private const int FirstSize = 256;

    private byte[]? _block;

    public int Length { get; private set; }

    public readonly ReadOnlySpan<byte> Span => _block.AsSpan(0, Length);

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_block is null || _block.Length - Length < bytes.Length)
        {
            Grow(bytes.Length);
        }

        bytes.CopyTo(_block.AsSpan(Length));
        Length += bytes.Length;
    }

    public void Clear()
    {
        if (_block is { } block)
        {
            _block = null;
            ArrayPool<byte>.Shared.Return(block);
        }

        Length = 0;
    }

    // By what has come, not by what a length field claims will come.
    private void Grow(int count)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(FirstSize, Math.Max(Length + count, 2 * Length)));
        Span.CopyTo(larger);
        if (_block is { } block)
        {
            ArrayPool<byte>.Shared.Return(block);
        }

        _block = larger;
    }
}
