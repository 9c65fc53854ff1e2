using System.Diagnostics.CodeAnalysis;

namespace Ztunnel.Xds.Readers;

/// <summary>
/// What was read, by the bytes it was read from. Bounded: above the limit it starts over, and what is long is not kept.
/// Guarded by the owner.
/// </summary>
internal sealed class WireCache<T>(int maxEntries)
    where T : class
{
    private const int MaxKey = 1024; // bytes; what many say is shorter

    private readonly Dictionary<byte[], T> _values = new(new ByBytes());

    public bool TryGet(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out T? value) =>
        _values.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(bytes, out value);

    public void Add(ReadOnlySpan<byte> bytes, T value)
    {
        if (bytes.Length > MaxKey)
        {
            return;
        }

        if (_values.Count >= maxEntries)
        {
            _values.Clear();
        }

        _values.Add(bytes.ToArray(), value);
    }

    private sealed class ByBytes : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(byte[] bytes) => GetHashCode(bytes.AsSpan());

        // Seeded anew in every process.
        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            HashCode hash = default;
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }
    }
}
