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

    /// <summary>
    /// The last read of the running call got nothing: the only reason, short of an end, for which libssl comes back.
    /// SSL_want does not tell the two apart: it says "reading" of a handshake that failed, too.
    /// </summary>
    public bool IsStarved;

    /// <summary>Reads the running call may still make: two for a record, its header and its body.</summary>
    public int ReadsLeft;

    public bool IsOutOfMemory;

    /// <summary>Steps of libssl's state machine: in a handshake, and after it for each message that is no data.</summary>
    public int Steps;

    /// <summary><see cref="TlsAlert.None"/> or its number.</summary>
    public int AlertReceived;

    public int AlertSent;
}
