namespace Ztunnel.Hbone.Http2;

/// <summary>
/// The window we give a peer (RFC 9113 §6.9): what may still come, and what was taken but not yet announced. Announced
/// when that is half of the window, so that a WINDOW_UPDATE costs little and the sender does not run dry.
/// </summary>
internal struct FlowWindow(int size)
{
    /// <summary>What the peer may still send.</summary>
    public int Remaining { get; private set; } = size;

    /// <summary>Taken and not yet announced.</summary>
    public int Unannounced { get; private set; }

    /// <summary>False if the peer sent more than it may.</summary>
    public bool TryReceive(int bytes)
    {
        Remaining -= bytes;
        return Remaining >= 0;
    }

    /// <summary>The increment to announce now, or 0.</summary>
    public int Credit(int bytes, int windowSize)
    {
        Unannounced += bytes;
        if (Unannounced == 0 || Unannounced < windowSize / 2)
        {
            return 0;
        }

        int increment = Unannounced;
        (Remaining, Unannounced) = (Remaining + increment, 0);
        return increment;
    }

    /// <summary>Our own initial window shrank or grew after the peer acknowledged it.</summary>
    public void Adjust(int delta) => Remaining += delta;
}
