namespace Ztunnel.OpenSsl;

/// <summary>
/// The two ends of a session's BIO and the alerts it saw; unmanaged, reached from callbacks by pointer. One per
/// session, freed after the SSL that points to it.
/// </summary>
internal unsafe struct TlsWire
{
    public byte* Input;
    public int InputLength;

    /// <summary>Null between calls.</summary>
    public TlsOutputBlock* Output;

    public bool IsOutOfMemory;

    /// <summary><see cref="TlsAlert.None"/> or its number.</summary>
    public int AlertReceived;

    public int AlertSent;
}
