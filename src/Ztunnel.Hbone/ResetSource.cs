namespace Ztunnel.Hbone;

/// <summary>Who ended a stream early.</summary>
public enum ResetSource
{
    /// <summary>RST_STREAM from the peer.</summary>
    Peer,

    /// <summary>
    /// The peer's GOAWAY names a lower last stream: it did nothing with this one, it may be tried elsewhere.
    /// </summary>
    GoAway,

    /// <summary>A stream error that this side found; RST_STREAM is queued.</summary>
    Local,
}
