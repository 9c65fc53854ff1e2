namespace Ztunnel.Hbone.Http2;

/// <summary>The window a peer gives us. Below zero after it shrank its initial window (RFC 9113 §6.9.2).</summary>
internal struct SendWindow(int size)
{
    public int Available { get; private set; } = size;

    public void Take(int bytes) => Available -= bytes;

    /// <summary>False above 2^31-1.</summary>
    public bool TryAdd(int bytes)
    {
        long sum = (long)Available + bytes;
        if (sum > int.MaxValue)
        {
            return false;
        }

        Available = (int)sum;
        return true;
    }
}
