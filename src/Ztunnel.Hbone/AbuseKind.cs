namespace Ztunnel.Hbone;

/// <summary>What a peer overdid. Each has a limit in <see cref="AbuseLimits"/> and a label in the metrics.</summary>
public enum AbuseKind
{
    None,

    /// <summary>Streams reset by the peer before they were answered.</summary>
    RapidReset,

    /// <summary>Streams reset by the peer after the answer that never carried a byte.</summary>
    ResetFlood,

    /// <summary>Errors and refusals that made us send RST_STREAM.</summary>
    StreamErrors,

    /// <summary>One header block larger than anything its list could need.</summary>
    HeaderBlock,

    /// <summary>CONTINUATION frames without a byte.</summary>
    EmptyContinuation,

    /// <summary>A small block that decodes to a huge header list.</summary>
    HeaderBomb,

    /// <summary>Header octets per second beyond what the accepted streams justify.</summary>
    HeaderFlood,

    /// <summary>Dynamic table size updates.</summary>
    HpackThrash,

    /// <summary>DATA frames without payload and without END_STREAM.</summary>
    EmptyData,

    /// <summary>DATA frames of a few bytes at a rate no application reaches.</summary>
    TinyData,
    PingFlood,
    SettingsFlood,

    /// <summary>WINDOW_UPDATE frames out of proportion to the data we sent.</summary>
    WindowUpdateFlood,

    /// <summary>PRIORITY and unknown frames, and others that mean nothing.</summary>
    UselessFrames,

    /// <summary>Many streams whose window stays shut while data waits.</summary>
    ZeroWindowHold,

    /// <summary>A window pushed above 2^31-1, or data beyond the window we gave.</summary>
    WindowOverflow,

    /// <summary>No preface or SETTINGS in time.</summary>
    SettingsStall,

    /// <summary>A frame or header block begun and not finished in time.</summary>
    FrameStall,

    /// <summary>The peer makes us answer and does not read the answers.</summary>
    OutputUnread,
}
