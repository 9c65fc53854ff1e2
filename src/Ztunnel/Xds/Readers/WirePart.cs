namespace Ztunnel.Xds.Readers;

/// <summary>A message that is a field of another one: it may be there and be empty.</summary>
internal ref struct WirePart
{
    /// <summary>Of the last one.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    public int Count { get; private set; }

    public readonly bool IsThere => Count > 0;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        Bytes = bytes;
        Count++;
    }
}
